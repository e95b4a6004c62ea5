#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ir/shape.h"

namespace nitro {

/// Reads one line of the text form from left to right. Spaces between tokens are skipped; errors
/// are kBadFile and name the line, the column and what was expected.
class Scanner {
 public:
  Scanner(std::string_view line, size_t number) : line_(line), number_(number) {}

  bool at_end();
  /// Whether `token` comes next; moves past it if so.
  bool accept(std::string_view token);
  bool next_is(char c);
  Result<void> expect(std::string_view token);
  Result<void> expect_end();

  /// Letters, digits and underscores.
  Result<std::string_view> word(std::string_view wanted);
  Result<int64_t> integer();
  Result<uint32_t> index();
  Result<double> number();
  /// A quoted string, unescaped.
  Result<std::string> string();
  /// Hex digits after "0x", not yet checked to be pairs.
  std::string_view hex_digits();
  Result<DType> dtype();
  /// "f32[1,3]", checked with check_shape().
  Result<TensorType> type();

  /// "line 3, column 7: expected `wanted`, found ...".
  std::unexpected<Error> expected(std::string_view wanted);
  /// "line 3, column 7: `problem`".
  std::unexpected<Error> bad(std::string_view problem) const;

 private:
  void skip_spaces();
  Result<char> escape();
  std::string_view numeral();

  std::string_view line_;
  size_t number_;
  size_t position_ = 0;
};

}  // namespace nitro
