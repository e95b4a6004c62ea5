#include "ir/print_op.h"

#include <fmt/format.h>

#include "ir/print_field.h"

namespace nitro {

std::string print_op(const Op& op) {
  return std::visit(
      [](const auto& known) {
        std::string fields;
        for_each_field(known, [&](std::string_view name, const auto& value) {
          fields += fields.empty() ? "{" : ", ";
          fields += fmt::format("{}={}", name, print_field(value));
        });
        if (!fields.empty()) fields += "}";
        return std::string(known.kName) + fields;
      },
      op);
}

}  // namespace nitro
