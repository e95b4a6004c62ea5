#include "plan/element_index.h"

#include <fmt/core.h>

#include <algorithm>

namespace nitro::plan {
namespace {

/// Whether `quotient` and `rest` are parts of one division, with factors that undo it.
bool undo_division(const Term& quotient, const Term& rest) {
  return quotient.whole && rest.whole && quotient.whole->name == rest.whole->name &&
         quotient.divisor == rest.divisor && !quotient.is_rest && rest.is_rest &&
         quotient.factor == rest.factor * rest.divisor;
}

void add_term(Index& sum, const Term& term) {
  for (auto other = sum.terms.begin(); other != sum.terms.end(); ++other) {
    if (other->name == term.name) {
      other->factor += term.factor;
      if (other->factor == 0) sum.terms.erase(other);
      return;
    }
    const bool is_rest = undo_division(*other, term);
    if (!is_rest && !undo_division(term, *other)) continue;
    Term whole = *term.whole;
    whole.factor = is_rest ? term.factor : other->factor;
    sum.terms.erase(other);
    return add_term(sum, whole);
  }
  sum.terms.push_back(term);
}

}  // namespace

int64_t Index::least() const {
  int64_t sum = offset;
  for (const Term& term : terms) sum += std::min<int64_t>(0, term.factor * (term.extent - 1));
  return sum;
}

int64_t Index::most() const {
  int64_t sum = offset;
  for (const Term& term : terms) sum += std::max<int64_t>(0, term.factor * (term.extent - 1));
  return sum;
}

std::string Index::text() const {
  std::string result;
  for (const Term& term : terms) {
    if (!result.empty()) result += " + ";
    result += term.factor == 1 ? term.name : fmt::format("{} * {}", term.name, term.factor);
  }
  if (result.empty()) return fmt::format("{}", offset);
  if (offset != 0) result += fmt::format(" + {}", offset);
  return result;
}

Index operator+(Index a, const Index& b) {
  a.offset += b.offset;
  for (const Term& term : b.terms) add_term(a, term);
  return a;
}

Index operator*(Index a, int64_t factor) {
  if (factor == 0) return {};
  a.offset *= factor;
  for (Term& term : a.terms) term.factor *= factor;
  return a;
}

}  // namespace nitro::plan
