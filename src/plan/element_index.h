#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nitro::plan {

/// factor * the variable `name`, which lies in [0, extent).
struct Term {
  std::string name;
  int64_t factor = 1;
  int64_t extent = 1;
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

Index operator+(Index a, const Index& b);
Index operator*(Index a, int64_t factor);

}  // namespace nitro::plan
