#include "plan/element_index.h"

#include <fmt/core.h>

#include <algorithm>

namespace nitro::plan {

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
  for (const Term& term : b.terms) {
    const auto same = std::ranges::find(a.terms, term.name, &Term::name);
    if (same == a.terms.end()) {
      a.terms.push_back(term);
    } else {
      same->factor += term.factor;
      if (same->factor == 0) a.terms.erase(same);
    }
  }
  return a;
}

Index operator*(Index a, int64_t factor) {
  if (factor == 0) return {};
  a.offset *= factor;
  for (Term& term : a.terms) term.factor *= factor;
  return a;
}

}  // namespace nitro::plan
