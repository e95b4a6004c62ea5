#pragma once

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/text.h"
#include "predict/rates.h"

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
  void texts(std::string_view key, std::vector<std::string>& value);
  /// One of `names`, of the enumerator with its index.
  template <class Enum, size_t count>
  void choice(std::string_view key, const std::array<std::string_view, count>& names, Enum& value) {
    std::vector<Enum> found;
    std::string word(names[static_cast<size_t>(value)]);
    text(key, word);
    if (take_word(key, names, word, found)) value = found[0];
  }
  /// A list of such.
  template <class Enum, size_t count>
  void choices(std::string_view key, const std::array<std::string_view, count>& names,
               std::vector<Enum>& value) {
    std::vector<std::string> words;
    texts(key, words);
    for (const std::string& word : words) take_word(key, names, word, value);
  }
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
  template <class Enum, size_t count>
  bool take_word(std::string_view key, const std::array<std::string_view, count>& names,
                 const std::string& word, std::vector<Enum>& value) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) {
      fail_at(fmt::format("'{}' cannot be '{}'", key, display(word, 40)));
      return false;
    }
    value.push_back(static_cast<Enum>(found - names.begin()));
    return true;
  }

  const toml::table& table_;
  std::string file_;
  std::set<std::string, std::less<>> known_;
  std::string problem_;
  bool required_ = true;
};

/// All rates, each of which must be there, and how they are written.
void read_rates(TomlFields& fields, Rates& rates);
std::string rates_text(const Rates& rates);

/// `text` as a TOML string of one line.
std::string toml_string(std::string_view text);

}  // namespace nitro::predict
