#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"

namespace nitro {

/// A JSON value. Objects keep the order of insertion. Numbers are int64 where the text has neither
/// fraction nor exponent and fits, double otherwise.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;

  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(int64_t{value}) {}
  Json(int64_t value) : value_(value) {}
  Json(size_t value) : value_(static_cast<int64_t>(value)) {}
  Json(double value) : value_(value) {}
  Json(std::string value) : value_(std::move(value)) {}
  Json(std::string_view value) : value_(std::string(value)) {}
  Json(const char* value) : value_(std::string(value)) {}
  Json(Array value) : value_(std::move(value)) {}
  Json(Object value) : value_(std::move(value)) {}

  static Json array(Array items = {}) { return Json(std::move(items)); }
  static Json object(Object members = {}) { return Json(std::move(members)); }
  /// An array of anything convertible to Json.
  template <class Range>
  static Json array_of(const Range& items) {
    Array result;
    for (const auto& item : items) result.emplace_back(item);
    return Json(std::move(result));
  }

  /// Parses one document; at most 64 levels deep. Fails with kBadFile.
  static Result<Json> parse(std::string_view text);

  /// Text with invalid UTF-8 replaced and non-finite numbers as null. `indent` < 0: one line.
  std::string dump(int indent = -1) const;

  bool is_null() const { return std::holds_alternative<std::monostate>(value_); }
  bool is_bool() const { return std::holds_alternative<bool>(value_); }
  bool is_integer() const { return std::holds_alternative<int64_t>(value_); }
  bool is_number() const { return is_integer() || std::holds_alternative<double>(value_); }
  bool is_string() const { return std::holds_alternative<std::string>(value_); }
  bool is_array() const { return std::holds_alternative<Array>(value_); }
  bool is_object() const { return std::holds_alternative<Object>(value_); }

  // Lenient reads: the fallback where the type differs.
  bool as_bool(bool fallback = false) const;
  int64_t as_integer(int64_t fallback = 0) const;
  double as_number(double fallback = 0) const;
  const std::string& as_string() const;  // "" where not a string
  const Array& items() const;            // empty where not an array
  const Object& members() const;         // empty where not an object

  /// The member `key`, or a null value.
  const Json& at(std::string_view key) const;
  bool contains(std::string_view key) const { return !at(key).is_null(); }
  /// The member `key`, inserted where missing. A null value becomes an object.
  Json& operator[](std::string_view key);
  /// Appends to an array. A null value becomes an array.
  void push_back(Json item);
  size_t size() const { return is_array() ? items().size() : members().size(); }

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, Array, Object> value_;
};

}  // namespace nitro
