#include "base/csv.h"

namespace nitro {
namespace {

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) position_ = 3;
  }

  Result<std::vector<CsvLine>> lines() {
    std::vector<CsvLine> result;
    while (position_ < text_.size()) {
      CsvLine line{number_, {}};
      do {
        line.cells.push_back(TRY(cell()));
      } while (take(','));
      if (position_ < text_.size() && !end_of_line())
        return fail(ErrorCode::kBadFile, "line {}: text behind a closing quote", number_);
      if (line.cells.size() > 1 || !line.cells[0].empty()) result.push_back(std::move(line));
    }
    return result;
  }

 private:
  bool take(char wanted) {
    if (position_ == text_.size() || text_[position_] != wanted) return false;
    ++position_;
    return true;
  }

  bool end_of_line() {
    const size_t before = position_;
    take('\r');
    if (take('\n')) {
      ++number_;
      return true;
    }
    const bool at_end = position_ == text_.size();
    if (!at_end) position_ = before;
    return at_end;
  }

  Result<std::string> cell() { return take('"') ? quoted() : bare(); }

  Result<std::string> quoted() {
    const size_t opened = number_;
    std::string value;
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == '"' && !take('"')) return value;
      if (c == '\n') ++number_;
      if (c == '\0') return fail(ErrorCode::kBadFile, "line {}: a NUL", number_);
      value += c;
    }
    return fail(ErrorCode::kBadFile, "line {}: a quote is not closed", opened);
  }

  Result<std::string> bare() {
    const size_t end = std::min(text_.find_first_of(",\n", position_), text_.size());
    std::string value(text_.substr(position_, end - position_));
    position_ = end;
    if (value.ends_with('\r') && (end == text_.size() || text_[end] == '\n')) value.pop_back();
    if (value.contains('"'))
      return fail(ErrorCode::kBadFile, "line {}: a quote inside a cell", number_);
    if (value.contains('\0')) return fail(ErrorCode::kBadFile, "line {}: a NUL", number_);
    return value;
  }

  std::string_view text_;
  size_t position_ = 0;
  size_t number_ = 1;
};

}  // namespace

Result<std::vector<CsvLine>> parse_csv(std::string_view text) { return Parser(text).lines(); }

}  // namespace nitro
