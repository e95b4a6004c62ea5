#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/shape.h"

namespace nitro {

/// `text` in double quotes; quotes, backslashes and all but printable ASCII escaped.
std::string quote(std::string_view text);
/// The shortest decimal that reads back as `value`; nan, inf and -inf as words.
std::string print_number(double value);
std::string print_number(float value);

/// Attribute values of the text form, one overload per type of attribute.
inline std::string print_field(int64_t value) { return std::to_string(value); }
inline std::string print_field(double value) { return print_number(value); }
inline std::string print_field(bool value) { return value ? "true" : "false"; }
inline std::string print_field(DType value) { return std::string(name(value)); }
inline std::string print_field(const std::string& value) { return quote(value); }
inline std::string print_field(const TensorType& value) { return text(value); }

template <class Enum>
  requires std::is_enum_v<Enum>
std::string print_field(Enum value) {
  return std::string(enum_names(value)[std::to_underlying(value)]);
}

template <class T>
std::string print_field(const std::vector<T>& values) {
  std::string text = "[";
  for (const T& value : values) {
    if (text.size() > 1) text += ", ";
    text += print_field(value);
  }
  return text + "]";
}

}  // namespace nitro
