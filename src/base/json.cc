#include "base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/text.h"

namespace nitro {
namespace {

constexpr size_t kMaxDepth = 64;

/// Builds a Json without recursion, so that depth is bounded by the check and not by the stack.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add(Json()); }
  bool boolean(bool value) override { return add(Json(value)); }
  bool number_integer(number_integer_t value) override { return add(Json(int64_t{value})); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > uint64_t{INT64_MAX}) return add(Json(static_cast<double>(value)));
    return add(Json(static_cast<int64_t>(value)));
  }
  bool number_float(number_float_t value, const string_t&) override { return add(Json(value)); }
  bool string(string_t& value) override { return add(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(false); }
  bool key(string_t& value) override {
    open_.back().key = std::move(value);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(true); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    (void)error;
    if (problem_.empty()) problem_ = fmt::format("not valid JSON at byte {}", position);
    return false;
  }

  Json root;
  const std::string& problem() const { return problem_; }

 private:
  /// A container under construction.
  struct Open {
    bool is_array = false;
    Json::Array items = {};
    Json::Object members = {};
    std::string key = {};
    std::unordered_map<std::string, size_t> positions = {};  // of the members

    void add(Json value) {
      if (is_array) {
        items.push_back(std::move(value));
        return;
      }
      const auto [known, is_new] = positions.try_emplace(key, members.size());
      if (is_new) {
        members.emplace_back(std::move(key), std::move(value));
      } else {
        members[known->second].second = std::move(value);
      }
    }
  };

  bool add(Json value) {
    if (open_.empty()) {
      root = std::move(value);
    } else {
      open_.back().add(std::move(value));
    }
    return true;
  }
  bool open(bool is_array) {
    if (open_.size() == kMaxDepth) {
      problem_ = fmt::format("JSON nested deeper than {} levels", kMaxDepth);
      return false;
    }
    open_.push_back({is_array});
    return true;
  }
  bool close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    return add(done.is_array ? Json(std::move(done.items)) : Json(std::move(done.members)));
  }

  std::vector<Open> open_;
  std::string problem_;
};

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (char c : to_valid_utf8(text)) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  out += text;
  if (text.find_first_of(".e") == std::string_view::npos) out += ".0";
}

void append(std::string& out, const Json& value, int indent, int depth) {
  const auto newline = [&](int level) {
    if (indent < 0) return;
    out += '\n';
    out.append(static_cast<size_t>(indent * level), ' ');
  };
  const std::string_view separator = indent < 0 ? ":" : ": ";
  if (value.is_null()) {
    out += "null";
  } else if (value.is_bool()) {
    out += value.as_bool() ? "true" : "false";
  } else if (value.is_integer()) {
    out += std::to_string(value.as_integer());
  } else if (value.is_number()) {
    append_number(out, value.as_number());
  } else if (value.is_string()) {
    append_string(out, value.as_string());
  } else if (value.is_array()) {
    // Numbers stay on one line: there may be many.
    const bool one_line = std::ranges::all_of(value.items(), &Json::is_number);
    out += '[';
    bool first = true;
    for (const Json& item : value.items()) {
      if (!std::exchange(first, false)) out += ',';
      if (!one_line) newline(depth + 1);
      append(out, item, indent, depth + 1);
    }
    if (!one_line) newline(depth);
    out += ']';
  } else {
    out += '{';
    bool first = true;
    for (const auto& [key, member] : value.members()) {
      if (!std::exchange(first, false)) out += ',';
      newline(depth + 1);
      append_string(out, key);
      out += separator;
      append(out, member, indent, depth + 1);
    }
    if (!first) newline(depth);
    out += '}';
  }
}

const Json kNull;
const std::string kEmptyString;
const Json::Array kEmptyArray;
const Json::Object kEmptyObject;

}  // namespace

Result<Json> Json::parse(std::string_view text) {
  Builder builder;
  try {
    if (nlohmann::json::sax_parse(text, &builder)) return std::move(builder.root);
  } catch (const nlohmann::json::exception&) {
  }
  return fail(ErrorCode::kBadFile, "{}",
              builder.problem().empty() ? "not valid JSON" : builder.problem());
}

std::string Json::dump(int indent) const {
  std::string out;
  append(out, *this, indent, 0);
  return out;
}

bool Json::as_bool(bool fallback) const {
  const bool* value = std::get_if<bool>(&value_);
  return value ? *value : fallback;
}

int64_t Json::as_integer(int64_t fallback) const {
  const int64_t* value = std::get_if<int64_t>(&value_);
  return value ? *value : fallback;
}

double Json::as_number(double fallback) const {
  if (const double* value = std::get_if<double>(&value_)) return *value;
  const int64_t* value = std::get_if<int64_t>(&value_);
  return value ? static_cast<double>(*value) : fallback;
}

const std::string& Json::as_string() const {
  const std::string* value = std::get_if<std::string>(&value_);
  return value ? *value : kEmptyString;
}

const Json::Array& Json::items() const {
  const Array* value = std::get_if<Array>(&value_);
  return value ? *value : kEmptyArray;
}

const Json::Object& Json::members() const {
  const Object* value = std::get_if<Object>(&value_);
  return value ? *value : kEmptyObject;
}

const Json& Json::at(std::string_view key) const {
  for (const auto& [name, member] : members()) {
    if (name == key) return member;
  }
  return kNull;
}

Json& Json::operator[](std::string_view key) {
  if (is_null()) value_ = Object{};
  Object& object = std::get<Object>(value_);
  for (auto& [name, member] : object) {
    if (name == key) return member;
  }
  return object.emplace_back(std::string(key), Json()).second;
}

void Json::push_back(Json item) {
  if (is_null()) value_ = Array{};
  std::get<Array>(value_).push_back(std::move(item));
}

}  // namespace nitro
