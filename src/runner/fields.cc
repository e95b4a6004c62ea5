#include "runner/fields.h"

#include "base/text.h"

namespace nitro::runner {
namespace {

std::unexpected<Error> wrong(const Json& value, std::string_view key, std::string_view wanted) {
  if (value.is_null()) return fail(ErrorCode::kRunnerFailed, "'{}' is missing", display(key));
  return fail(ErrorCode::kRunnerFailed, "'{}' is not {}: {}", display(key), wanted,
              display(value.dump(), 60));
}

}  // namespace

Result<std::string> text_field(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  if (!value.is_string()) return wrong(value, key, "text");
  return value.as_string();
}

Result<int64_t> integer_field(const Json& object, std::string_view key, int64_t minimum) {
  const Json& value = object.at(key);
  if (!value.is_integer() || value.as_integer() < minimum) {
    return wrong(value, key, fmt::format("an integer of at least {}", minimum));
  }
  return value.as_integer();
}

Result<double> amount_field(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  if (!value.is_number() || !(value.as_number() >= 0)) {
    return wrong(value, key, "a number of at least 0");
  }
  return value.as_number();
}

Result<bool> bool_field(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  if (!value.is_bool()) return wrong(value, key, "true or false");
  return value.as_bool();
}

Result<const Json*> array_field(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  if (!value.is_array()) return wrong(value, key, "an array");
  return &value;
}

Result<const Json*> object_field(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  if (!value.is_object()) return wrong(value, key, "an object");
  return &value;
}

Result<std::vector<std::string>> texts_field(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  if (!value.is_array()) return wrong(value, key, "an array of text");
  std::vector<std::string> result;
  for (const Json& item : value.items()) {
    if (!item.is_string()) return wrong(item, key, "an array of text");
    result.push_back(item.as_string());
  }
  return result;
}

Result<std::vector<int64_t>> integers_field(const Json& object, std::string_view key,
                                            int64_t minimum) {
  const Json& value = object.at(key);
  const std::string wanted = fmt::format("an array of integers of at least {}", minimum);
  if (!value.is_array()) return wrong(value, key, wanted);
  std::vector<int64_t> result;
  result.reserve(value.size());
  for (const Json& item : value.items()) {
    if (!item.is_integer() || item.as_integer() < minimum) return wrong(item, key, wanted);
    result.push_back(item.as_integer());
  }
  return result;
}

Result<std::map<std::string, Shape>> shapes_field(const Json& request) {
  std::map<std::string, Shape> shapes;
  for (const auto& [input, shape] : request.at("shapes").members())
    shapes[input] = TRY(integers_field(request.at("shapes"), input, 0));
  return shapes;
}

}  // namespace nitro::runner
