#include "cli/wrapped.h"

#include "base/text.h"

namespace nitro::cli {

std::string wrapped(std::string_view text, size_t width, size_t indent) {
  std::string result;
  size_t used = 0;
  bool first = true;
  for (std::string_view word : split(text, ' ')) {
    if (!first && used + 1 + cell_width(word) > width) {
      result += "\n" + std::string(indent, ' ');
      used = indent;
    } else if (!first) {
      result += ' ';
      ++used;
    }
    result += word;
    used += cell_width(word);
    first = false;
  }
  return result + "\n";
}

}  // namespace nitro::cli
