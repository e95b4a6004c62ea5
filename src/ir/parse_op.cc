#include "ir/parse_op.h"

#include <fmt/ranges.h>

#include <optional>

#include "base/text.h"
#include "ir/parse_field.h"

namespace nitro {
namespace {

template <size_t... kIndex>
std::optional<Op> op_named(std::string_view name, std::index_sequence<kIndex...>) {
  std::optional<Op> op;
  const auto consider = [&]<class OpT>(std::type_identity<OpT>) {
    if (OpT::kName == name) op = OpT();
  };
  (consider(std::type_identity<std::variant_alternative_t<kIndex, AnyOp>>()), ...);
  return op;
}

/// Reads "name=value" into the field of that name, which must not be in `seen`.
template <class OpT>
Result<void> parse_assignment(Scanner& scanner, OpT& op, std::vector<std::string_view>& seen) {
  const std::string_view word = TRY(scanner.word("a field"));
  if (std::ranges::find(seen, word) != seen.end()) {
    return scanner.bad(fmt::format("field '{}' is given twice", word));
  }
  seen.push_back(word);
  TRY(scanner.expect("="));
  std::optional<Result<void>> parsed;
  const auto consider = [&](const auto& known) {
    if (known.name == word) parsed = parse_field(scanner, op.*(known.member));
  };
  std::apply([&](const auto&... known) { (consider(known), ...); }, OpT::fields());
  if (!parsed) return scanner.bad(fmt::format("{} has no field '{}'", OpT::kName, display(word)));
  return *parsed;
}

}  // namespace

Result<Op> parse_op(Scanner& scanner) {
  const std::string_view name = TRY(scanner.word("an op"));
  std::optional<Op> op = op_named(name, std::make_index_sequence<std::variant_size_v<AnyOp>>());
  if (!op) return scanner.bad(fmt::format("there is no op '{}'", display(name)));
  std::vector<std::string_view> seen;
  if (scanner.accept("{")) {
    while (!scanner.accept("}")) {
      if (!seen.empty()) TRY(scanner.expect(","));
      TRY(std::visit([&](auto& known) { return parse_assignment(scanner, known, seen); }, *op));
    }
  }
  return std::move(*op);
}

}  // namespace nitro
