#pragma once

#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "ir/scanner.h"

namespace nitro {

/// Inverses of print_field(), one overload per type of attribute.
inline Result<void> parse_field(Scanner& scanner, int64_t& value) {
  value = TRY(scanner.integer());
  return {};
}
inline Result<void> parse_field(Scanner& scanner, double& value) {
  value = TRY(scanner.number());
  return {};
}
inline Result<void> parse_field(Scanner& scanner, bool& value) {
  value = scanner.accept("true");
  return value ? Result<void>() : scanner.expect("false");
}
inline Result<void> parse_field(Scanner& scanner, DType& value) {
  value = TRY(scanner.dtype());
  return {};
}
inline Result<void> parse_field(Scanner& scanner, std::string& value) {
  value = TRY(scanner.string());
  return {};
}
inline Result<void> parse_field(Scanner& scanner, TensorType& value) {
  value = TRY(scanner.type());
  return {};
}

template <class Enum>
  requires std::is_enum_v<Enum>
Result<void> parse_field(Scanner& scanner, Enum& value) {
  const auto& names = enum_names(value);
  const std::string_view word = TRY(scanner.word("a name"));
  const auto found = std::ranges::find(names, word);
  if (found == names.end()) {
    return scanner.bad(fmt::format("'{}' is none of {}", word, fmt::join(names, ", ")));
  }
  value = static_cast<Enum>(found - names.begin());
  return {};
}

template <class T>
Result<void> parse_field(Scanner& scanner, std::vector<T>& values) {
  values.clear();
  TRY(scanner.expect("["));
  while (!scanner.accept("]")) {
    if (!values.empty()) TRY(scanner.expect(","));
    TRY(parse_field(scanner, values.emplace_back()));
  }
  return {};
}

}  // namespace nitro
