#include "ir/scanner.h"

#include <algorithm>
#include <limits>

#include "base/text.h"

namespace nitro {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_'; }
bool is_numeral(char c) { return is_digit(c) || is_letter(c) || c == '+' || c == '-' || c == '.'; }

/// -1 for anything but a hex digit.
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

size_t length_of(std::string_view text, bool (*belongs)(char)) {
  return static_cast<size_t>(std::ranges::find_if_not(text, belongs) - text.begin());
}

}  // namespace

void Scanner::skip_spaces() {
  position_ = std::min(line_.find_first_not_of(" \t\r", position_), line_.size());
}

bool Scanner::at_end() {
  skip_spaces();
  return position_ == line_.size();
}

bool Scanner::accept(std::string_view token) {
  skip_spaces();
  if (!line_.substr(position_).starts_with(token)) return false;
  position_ += token.size();
  return true;
}

bool Scanner::next_is(char c) {
  skip_spaces();
  return position_ < line_.size() && line_[position_] == c;
}

Result<void> Scanner::expect(std::string_view token) {
  if (!accept(token)) return expected(fmt::format("'{}'", token));
  return {};
}

Result<void> Scanner::expect_end() {
  if (!at_end()) return expected("the end of the line");
  return {};
}

Result<std::string_view> Scanner::word(std::string_view wanted) {
  skip_spaces();
  const std::string_view rest = line_.substr(position_);
  const size_t length = length_of(rest, is_word);
  if (length == 0) return expected(wanted);
  position_ += length;
  return rest.substr(0, length);
}

std::string_view Scanner::numeral() {
  skip_spaces();
  const std::string_view rest = line_.substr(position_);
  return rest.substr(0, length_of(rest, is_numeral));
}

Result<int64_t> Scanner::integer() {
  const std::string_view text = numeral();
  int64_t value = 0;
  if (!parse_integer(text, value)) return expected("a 64-bit integer");
  position_ += text.size();
  return value;
}

Result<uint32_t> Scanner::index() {
  const std::string_view text = numeral();
  int64_t value = 0;
  if (!parse_integer(text, value) || value < 0 || value >= std::numeric_limits<uint32_t>::max()) {
    return expected("an index");
  }
  position_ += text.size();
  return static_cast<uint32_t>(value);
}

Result<double> Scanner::number() {
  const std::string_view text = numeral();
  double value = 0;
  if (!parse_number(text, value)) return expected("a number");
  position_ += text.size();
  return value;
}

Result<char> Scanner::escape() {
  const std::string_view rest = line_.substr(position_);
  if (rest.starts_with('"') || rest.starts_with('\\')) {
    ++position_;
    return rest[0];
  }
  const bool complete = rest.size() >= 3 && rest[0] == 'x';
  const int high = complete ? hex_value(rest[1]) : -1;
  const int low = complete ? hex_value(rest[2]) : -1;
  if (high < 0 || low < 0) return expected("an escape: \\\", \\\\ or \\x and two hex digits");
  position_ += 3;
  return static_cast<char>(high * 16 + low);
}

Result<std::string> Scanner::string() {
  if (!accept("\"")) return expected("a quoted string");
  std::string text;
  while (position_ < line_.size()) {
    const char c = line_[position_++];
    if (c == '"') return text;
    text += c == '\\' ? TRY(escape()) : c;
  }
  return expected("the closing quote");
}

std::string_view Scanner::hex_digits() {
  const std::string_view rest = line_.substr(position_);
  const auto digits = rest.substr(0, length_of(rest, [](char c) { return hex_value(c) >= 0; }));
  position_ += digits.size();
  return digits;
}

Result<DType> Scanner::dtype() {
  const size_t start = position_;
  const auto parsed = parse_dtype(TRY(word("an element type")));
  if (parsed) return *parsed;
  position_ = start;
  return expected("an element type (f32, f16, bf16, f64, i8, u8, i32, i64 or bool)");
}

Result<TensorType> Scanner::type() {
  TensorType result;
  result.dtype = TRY(dtype());
  TRY(expect("["));
  while (!accept("]")) {
    if (!result.shape.empty()) TRY(expect(","));
    if (result.rank() == kMaxRank) return expected(fmt::format("at most {} dimensions", kMaxRank));
    result.shape.push_back(TRY(integer()));
  }
  const auto checked = check_shape(result.shape, result.dtype);
  if (!checked) return bad(checked.error().message);
  return result;
}

std::unexpected<Error> Scanner::expected(std::string_view wanted) {
  const std::string found =
      at_end() ? "the end of the line" : fmt::format("'{}'", display(line_.substr(position_), 40));
  return bad(fmt::format("expected {}, found {}", wanted, found));
}

std::unexpected<Error> Scanner::bad(std::string_view problem) const {
  return fail(ErrorCode::kBadFile, "line {}, column {}: {}", number_, position_ + 1, problem);
}

}  // namespace nitro
