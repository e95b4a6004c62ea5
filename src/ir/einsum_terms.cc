#include "ir/einsum_terms.h"

#include <algorithm>

#include "base/text.h"

namespace nitro {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

Result<EinsumTerms> parse_einsum(std::string_view equation) {
  const auto malformed = [&](std::string_view problem) {
    return fail(ErrorCode::kShapeMismatch, "Einsum equation \"{}\" {}", display(equation), problem);
  };
  const size_t arrow = equation.find("->");
  if (arrow == std::string_view::npos) return malformed("has no \"->\"");
  EinsumTerms terms;
  terms.operands.emplace_back();
  for (char c : equation.substr(0, arrow)) {
    if (c == ',') {
      terms.operands.emplace_back();
    } else if (is_letter(c)) {
      terms.operands.back() += c;
    } else {
      return malformed("must consist of letters and commas");
    }
  }
  for (char c : equation.substr(arrow + 2)) {
    const bool known = std::ranges::any_of(
        terms.operands, [c](const std::string& term) { return term.contains(c); });
    if (!is_letter(c) || !known) return malformed("has a result axis that no operand has");
    if (terms.result.contains(c)) return malformed("repeats a result axis");
    terms.result += c;
  }
  return terms;
}

}  // namespace nitro
