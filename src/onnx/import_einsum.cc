#include "onnx/import_einsum.h"

#include <algorithm>

#include "base/text.h"

namespace nitro::onnx {
namespace {

constexpr std::string_view kEllipsis = "...";

std::vector<std::string> split_terms(const std::string& text) {
  std::vector<std::string> terms(1);
  for (char c : text) {
    if (c == ',') {
      terms.emplace_back();
    } else {
      terms.back() += c;
    }
  }
  return terms;
}

/// `count` letters that `equation` does not use.
std::string unused_letters(const std::string& equation, int64_t count) {
  std::string letters;
  for (char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    if (static_cast<int64_t>(letters.size()) == count) break;
    if (!equation.contains(c)) letters += c;
  }
  return letters;
}

/// Replaces the ellipsis of `term` by `letters`.
void expand(std::string& term, std::string_view letters) {
  const size_t at = term.find(kEllipsis);
  if (at != std::string::npos) term.replace(at, kEllipsis.size(), letters);
}

/// The letters that occur once, sorted; NumPy's result where none is written.
std::string implied_result(const std::string& terms) {
  std::string result;
  for (char c : terms) {
    if (c != ',' && c != '.' && std::ranges::count(terms, c) == 1) result += c;
  }
  std::ranges::sort(result);
  return result;
}

}  // namespace

Result<std::string> explicit_equation(std::string_view equation,
                                      const std::vector<int64_t>& ranks) {
  std::string compact;
  std::ranges::copy_if(equation, std::back_inserter(compact), [](char c) { return c != ' '; });
  const size_t arrow = compact.find("->");
  const std::string left = compact.substr(0, arrow);
  std::string result = arrow == std::string::npos ? std::string(kEllipsis) + implied_result(left)
                                                  : compact.substr(arrow + 2);
  std::vector<std::string> terms = split_terms(left);
  if (terms.size() != ranks.size()) {
    return fail(ErrorCode::kBadModel, "Einsum equation \"{}\" does not name {} operands",
                display(equation), ranks.size());
  }
  std::vector<int64_t> hidden(terms.size(), 0);  // axes behind each ellipsis
  for (size_t i = 0; i < terms.size(); ++i) {
    if (!terms[i].contains(kEllipsis)) continue;
    hidden[i] = ranks[i] - static_cast<int64_t>(terms[i].size() - kEllipsis.size());
    if (hidden[i] < 0) {
      return fail(ErrorCode::kBadModel, "Einsum equation \"{}\" has more axes than operand {}",
                  display(equation), i);
    }
  }
  const std::string letters = unused_letters(compact, *std::ranges::max_element(hidden));
  std::string rewritten;
  for (size_t i = 0; i < terms.size(); ++i) {
    const size_t behind = static_cast<size_t>(hidden[i]);
    if (behind > letters.size()) return fail(ErrorCode::kBadModel, "Einsum has too many axes");
    expand(terms[i], std::string_view(letters).substr(letters.size() - behind));
    rewritten += (i > 0 ? "," : "") + terms[i];
  }
  expand(result, letters);
  return rewritten + "->" + result;
}

Result<std::vector<ValueId>> import_einsum(ImportNode& node) {
  std::vector<ValueId> operands;
  std::vector<int64_t> ranks;
  for (size_t i = 0; i < node.input_count(); ++i) {
    operands.push_back(node.input(i));
    ranks.push_back(node.rank(i));
  }
  const std::string equation = TRY(node.string("equation", ""));
  return node.emit_all(Einsum{TRY(explicit_equation(equation, ranks))}, operands);
}

}  // namespace nitro::onnx
