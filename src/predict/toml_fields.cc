#include "predict/toml_fields.h"

namespace nitro::predict {

Result<toml::table> parse_toml(std::string_view text, const std::string& file) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    return fail(ErrorCode::kBadFile, "{}, line {}: {}", display(file), error.source().begin.line,
                display(error.description()));
  }
}

void TomlFields::fail_at(std::string problem) {
  if (problem_.empty()) problem_ = std::move(problem);
}

template <class T>
auto TomlFields::take(std::string_view key, std::string_view kind)
    -> decltype(std::declval<const toml::node&>().as<T>()) {
  known_.emplace(key);
  const toml::node* node = table_.get(key);
  if (!node) {
    if (required_) fail_at(fmt::format("'{}' is missing", key));
    return nullptr;
  }
  const auto* value = node->as<T>();
  if (!value)
    fail_at(fmt::format("line {}: '{}' must be {}", node->source().begin.line, key, kind));
  return value;
}

void TomlFields::text(std::string_view key, std::string& value) {
  if (const auto* found = take<std::string>(key, "text")) value = found->get();
}

void TomlFields::positive(std::string_view key, double& value) {
  known_.emplace(key);
  const toml::node* node = table_.get(key);
  if (node && node->is_integer()) {
    value = static_cast<double>(node->as_integer()->get());
  } else if (const auto* found = take<double>(key, "a number")) {
    value = found->get();
  } else {
    return;
  }
  if (!(value > 0 && value < 1e30)) fail_at(fmt::format("'{}' must be positive", key));
}

void TomlFields::positive(std::string_view key, int64_t& value) {
  const auto* found = take<int64_t>(key, "an integer");
  if (!found) return;
  value = found->get();
  if (value <= 0) fail_at(fmt::format("'{}' must be positive", key));
}

void TomlFields::truth(std::string_view key, bool& value) {
  if (const auto* found = take<bool>(key, "true or false")) value = found->get();
}

void TomlFields::texts(std::string_view key, std::vector<std::string>& value) {
  const auto* found = take<toml::array>(key, "a list of texts");
  if (!found) return;
  for (const toml::node& item : *found) {
    const auto* text = item.as<std::string>();
    if (!text) return fail_at(fmt::format("'{}' must be a list of texts", key));
    value.push_back(text->get());
  }
}

const toml::table& TomlFields::inner(std::string_view key) {
  static const toml::table kEmpty;
  const auto* found = take<toml::table>(key, "a table");
  return found ? *found : kEmpty;
}

Result<void> TomlFields::done() {
  for (const auto& [key, value] : table_) {
    if (!known_.contains(key.str()))
      fail_at(fmt::format("line {}: unknown key '{}'", value.source().begin.line,
                          display(key.str(), 40)));
  }
  if (!problem_.empty()) return fail(ErrorCode::kBadFile, "{}: {}", display(file_), problem_);
  return {};
}

void read_rates(TomlFields& fields, Rates& rates) {
  for_each_rate(rates,
                [&](std::string_view name, double& rate, double) { fields.positive(name, rate); });
}

std::string rates_text(const Rates& rates) {
  std::string text;
  for_each_rate(rates, [&](std::string_view name, double rate, double) {
    text += fmt::format("{} = {}\n", name, rate);
  });
  return text;
}

std::string toml_string(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  std::string quoted = "\"";
  for (const char c : valid) {
    const auto code = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (code < 0x20 || code == 0x7f)
      quoted += fmt::format("\\u{:04x}", code);
    else
      quoted += c;
  }
  return quoted + '"';
}

}  // namespace nitro::predict
