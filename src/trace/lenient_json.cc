#include "trace/lenient_json.h"

#include "base/file.h"
#include "base/text.h"

namespace nitro::trace {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::string_view kEscapes = "\"\\/bfnrtu";

/// Writes a document again as JSON has it.
class Repair {
 public:
  explicit Repair(std::string_view text) : text_(text) {}

  std::string run() {
    while (place_ < text_.size()) {
      const char c = text_[place_];
      if (c == '"') {
        copy_text();
      } else if (is_word(c)) {
        copy_word();
      } else {
        if (c == '[' || c == '{') open_ += c == '[' ? ']' : '}';
        if ((c == ']' || c == '}') && !open_.empty()) open_.pop_back();
        result_ += c;
        ++place_;
      }
    }
    while (!open_.empty()) {
      result_ += open_.back();
      open_.pop_back();
    }
    return std::move(result_);
  }

 private:
  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.';
  }

  /// A number or a bare word. Words that are none of JSON's are C's for what is no number.
  void copy_word() {
    const size_t begin = place_;
    while (place_ < text_.size() && is_word(text_[place_])) ++place_;
    const std::string_view word = text_.substr(begin, place_ - begin);
    const bool is_not_finite = word.ends_with("nan") || word.ends_with("inf");
    result_ += is_not_finite ? "null" : word;
  }

  bool ends_here(size_t quote) const {
    const size_t next = text_.find_first_not_of(kSpace, quote + 1);
    return next == std::string_view::npos || std::string_view(",:]}").contains(text_[next]);
  }

  void copy_text() {
    result_ += '"';
    for (++place_; place_ < text_.size(); ++place_) {
      const char c = text_[place_];
      if (c == '"' && ends_here(place_)) break;
      if (c == '\\' && place_ + 1 < text_.size() && kEscapes.contains(text_[place_ + 1]) &&
          !(text_[place_ + 1] == '"' && ends_here(place_ + 1))) {
        result_ += c;
        result_ += text_[++place_];
      } else if (c == '"' || c == '\\') {
        result_ += '\\';
        result_ += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        result_ += fmt::format("\\u{:04x}", c);
      } else {
        result_ += c;
      }
    }
    result_ += '"';
    ++place_;
  }

  std::string_view text_;
  size_t place_ = 0;
  std::string open_;  // what closes the arrays and objects that are open
  std::string result_;
};

}  // namespace

Result<Json> parse_lenient_json(std::string_view text) {
  const Result<Json> strict = Json::parse(text);
  if (strict) return strict;
  return Json::parse(to_valid_utf8(Repair(text).run()));
}

Result<Json> read_lenient_json(const std::filesystem::path& path, uint64_t max_bytes) {
  return parse_lenient_json(TRY(read_file(path, max_bytes)));
}

double lenient_number(const Json& value, double fallback) {
  double number = 0;
  if (value.is_string()) return parse_number(value.as_string(), number) ? number : fallback;
  return value.as_number(fallback);
}

}  // namespace nitro::trace
