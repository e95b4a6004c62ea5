#include "base/text.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <numeric>
#include <utility>

namespace nitro {
namespace {

constexpr char32_t kInvalid = 0xFFFFFFFF;

/// Decodes the code point at `position` and moves past it; kInvalid moves past one byte.
char32_t decode(std::string_view text, size_t& position) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(position);
  if (first < 0x80) return static_cast<char32_t>(text[position++]);
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  const size_t start = position++;
  if (first < 0xC2 || first > 0xF4 || start + length > text.size()) return kInvalid;
  char32_t code = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(start + i) & 0xC0) != 0x80) return kInvalid;
    code = (code << 6) | (byte(start + i) & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kSmallest[length] || code > 0x10FFFF || surrogate) return kInvalid;
  position = start + length;
  return code;
}

bool is_unsafe(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x202A && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069) || code == 0x2028 || code == 0x2029;
}

/// The code points of `text`, each as the string shown for it.
std::vector<std::string> shown_cells(std::string_view text) {
  std::vector<std::string> cells;
  for (size_t position = 0; position < text.size();) {
    const size_t start = position;
    const char32_t code = decode(text, position);
    if (code == kInvalid) {
      cells.emplace_back("\uFFFD");
    } else if (!is_unsafe(code)) {
      cells.emplace_back(text.substr(start, position - start));
    } else {
      const auto number = static_cast<uint32_t>(code);
      for (char c : code < 0x100 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number)) {
        cells.emplace_back(1, c);
      }
    }
  }
  return cells;
}

}  // namespace

std::string to_valid_utf8(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t position = 0; position < text.size();) {
    const size_t start = position;
    if (decode(text, position) == kInvalid) {
      result += "\uFFFD";
    } else {
      result += text.substr(start, position - start);
    }
  }
  return result;
}

std::string display(std::string_view text, size_t max_cells) {
  // A cell is at most 4 bytes, so a longer text can be cut before it is decoded.
  std::string shortened;
  if (text.size() > 16 * max_cells) {
    shortened = std::string(text.substr(0, 8 * max_cells)) + std::string(text.substr(text.size() - 8 * max_cells));
    text = shortened;
  }
  const std::vector<std::string> cells = shown_cells(text);
  std::string result;
  if (cells.size() <= max_cells) {
    for (const std::string& cell : cells) result += cell;
    return result;
  }
  const size_t head = (max_cells - 1) / 2;
  const size_t tail = max_cells - 1 - head;
  for (size_t i = 0; i < head; ++i) result += cells[i];
  result += "…";
  for (size_t i = cells.size() - tail; i < cells.size(); ++i) result += cells[i];
  return result;
}

size_t cell_width(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string escape_html(std::string_view text) {
  std::string result;
  for (char c : to_valid_utf8(text)) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\'': result += "&#39;"; break;
      default: result += c;
    }
  }
  return result;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const size_t end = text.find(separator);
    pieces.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

bool parse_integer(std::string_view text, int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_number(std::string_view text, double& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    std::vector<size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), size_t{0});
    for (size_t i = 1; i <= word.size(); ++i) {
      size_t diagonal = std::exchange(row[0], i);
      for (size_t j = 1; j <= candidate.size(); ++j) {
        const size_t replace = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replace}));
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace nitro
