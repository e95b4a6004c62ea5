#pragma once

#include <toml++/toml.h>

#include <set>
#include <string>
#include <string_view>

#include "base/error.h"

namespace nitro::predict {

/// Parses `text`. kBadFile names file, line and problem.
Result<toml::table> parse_toml(std::string_view text, const std::string& file);

/// Takes the values of a table by name. The first problem is kept: what is missing, of another
/// type, not positive, or of an unknown name.
class TomlFields {
 public:
  TomlFields(const toml::table& table, std::string file) : table_(table), file_(std::move(file)) {}

  void text(std::string_view key, std::string& value);
  void positive(std::string_view key, double& value);
  void positive(std::string_view key, int64_t& value);
  void truth(std::string_view key, bool& value);
  /// Also a table of its own, for other fields.
  const toml::table& inner(std::string_view key);
  /// What follows may be missing.
  void optional() { required_ = false; }
  Result<void> done();

 private:
  /// toml::value<T>, or toml::table; nullptr where there is none of that type.
  template <class T>
  auto take(std::string_view key, std::string_view kind)
      -> decltype(std::declval<const toml::node&>().as<T>());
  void fail_at(std::string problem);

  const toml::table& table_;
  std::string file_;
  std::set<std::string, std::less<>> known_;
  std::string problem_;
  bool required_ = true;
};

}  // namespace nitro::predict
