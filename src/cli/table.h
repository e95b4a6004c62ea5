#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nitro::cli {

enum class Align : uint8_t { kLeft, kRight };

/// A column. One with `shrinks` gives up cells where the table is too wide: its texts are cut in
/// the middle.
struct Column {
  std::string title;
  Align align = Align::kLeft;
  bool shrinks = false;
};

inline constexpr size_t kTableCells = 100;

/// A text table of at most kTableCells columns (where its shrinking columns allow), its texts made
/// safe for a terminal.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// As many cells as there are columns.
  void add(std::vector<std::string> cells);
  /// One line per row below the titles, with no blanks at the ends of lines.
  std::string text() const;

 private:
  std::vector<size_t> widths() const;
  std::string line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace nitro::cli
