#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nitro::plan {

/// factor * the variable `name`, which lies in [0, extent).
struct Term {
  std::string name;
  int64_t factor = 1;
  int64_t extent = 1;
  /// Where the variable is a quotient by `divisor`, or the rest: what was divided, with factor 1.
  std::shared_ptr<const Term> whole = {};
  int64_t divisor = 0;
  bool is_rest = false;
};

/// Where generated code reads: a sum of variables with constant factors. Keeping them apart lets
/// most divisions by constants, which reshapes and transpositions consist of, be done here.
struct Index {
  std::vector<Term> terms = {};
  int64_t offset = 0;

  static Index constant(int64_t value) { return {{}, value}; }
  static Index variable(std::string name, int64_t extent) {
    return {{{std::move(name), 1, extent}}, 0};
  }
  /// Bounds of the value.
  int64_t least() const;
  int64_t most() const;
  /// As an expression, without parentheses around it.
  std::string text() const;
};

/// A quotient and its rest that add up to what was divided become that again.
Index operator+(Index a, const Index& b);
Index operator*(Index a, int64_t factor);

}  // namespace nitro::plan
