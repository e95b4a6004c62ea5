#include "runner/npy_header.h"

#include "base/text.h"

namespace nitro::runner {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr size_t kMaxExtents = 64;

/// A cursor over a Python literal.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool take(std::string_view token) {
    skip_space();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }
  bool quoted(std::string& value) {
    skip_space();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) return false;
    const size_t end = rest_.find(rest_[0], 1);
    if (end == std::string_view::npos) return false;
    value = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return true;
  }
  bool integer(int64_t& value) {
    skip_space();
    const size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (!parse_integer(rest_.substr(0, end), value)) return false;
    rest_.remove_prefix(end);
    take("L");  // Python 2 wrote long integers so
    return true;
  }
  bool at_end() {
    skip_space();
    return rest_.empty();
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kSpace), rest_.size()));
  }
  std::string_view rest_;
};

bool parse_shape(Scanner& scanner, Shape& shape) {
  if (!scanner.take("(")) return false;
  while (!scanner.take(")")) {
    int64_t extent = 0;
    if (shape.size() == kMaxExtents || !scanner.integer(extent)) return false;
    shape.push_back(extent);
    if (!scanner.take(",")) return scanner.take(")") && shape.size() > 1;
  }
  return true;
}

bool parse_flag(Scanner& scanner, bool& flag) {
  flag = scanner.take("True");
  return flag || scanner.take("False");
}

}  // namespace

Result<NpyHeader> parse_npy_header(std::string_view text) {
  const auto malformed = [&] {
    return fail(ErrorCode::kBadFile, "malformed .npy header: {}", display(text, 100));
  };
  NpyHeader header;
  Scanner scanner(text);
  int descr = 0;
  int order = 0;
  int shape = 0;
  if (!scanner.take("{")) return malformed();
  while (!scanner.take("}")) {
    std::string key;
    if (!scanner.quoted(key) || !scanner.take(":")) return malformed();
    const bool parsed = key == "descr" ? ++descr == 1 && scanner.quoted(header.descr)
                        : key == "fortran_order"
                            ? ++order == 1 && parse_flag(scanner, header.fortran_order)
                        : key == "shape" ? ++shape == 1 && parse_shape(scanner, header.shape)
                                         : false;
    if (!parsed) return malformed();
    if (!scanner.take(",")) {
      if (!scanner.take("}")) return malformed();
      break;
    }
  }
  if (descr + order + shape != 3 || !scanner.at_end()) return malformed();
  return header;
}

}  // namespace nitro::runner
