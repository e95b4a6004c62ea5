#include "cuda/kernel_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace nitro::cuda {

std::string_view element_type(DType dtype) {
  static constexpr std::array<std::string_view, kDTypeCount> kNames = {
      "float",         "f16", "bf16",      "double",       "signed char",
      "unsigned char", "int", "long long", "unsigned char"};
  return kNames[static_cast<size_t>(dtype)];
}

std::string parameters(const plan::Plan& plan, const plan::Kernel& kernel) {
  std::string text;
  size_t number = 0;
  const auto add = [&](plan::BufferId buffer, std::string_view qualifier) {
    text += fmt::format("{}{}{}* p{}", number == 0 ? "" : ", ", qualifier,
                        element_type(plan.buffers[buffer].type.dtype), number);
    ++number;
  };
  for (plan::BufferId buffer : plan::reads(kernel)) add(buffer, "const ");
  for (plan::BufferId buffer : plan::writes(kernel)) add(buffer, "");
  return text;
}

std::string parameter(const plan::Kernel& kernel, plan::BufferId buffer) {
  const std::vector<plan::BufferId> reads = plan::reads(kernel);
  const auto found = std::ranges::find(reads, buffer);
  return buffer == plan::kNoBuffer || found == reads.end()
             ? "nullptr"
             : fmt::format("p{}", found - reads.begin());
}

std::string written_parameter(const plan::Kernel& kernel, plan::BufferId buffer) {
  const std::vector<plan::BufferId> writes = plan::writes(kernel);
  const auto found = std::ranges::find(writes, buffer);
  return buffer == plan::kNoBuffer || found == writes.end()
             ? "nullptr"
             : fmt::format(
                   "p{}", plan::reads(kernel).size() + static_cast<size_t>(found - writes.begin()));
}

std::string literal(double value) {
  const float number = static_cast<float>(value);
  if (std::isnan(number)) return "__int_as_float(0x7FC00000)";
  if (std::isinf(number))
    return number > 0 ? "__int_as_float(0x7F800000)" : "__int_as_float(0xFF800000)";
  std::string text = fmt::format("{:.9g}", number);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

}  // namespace nitro::cuda
