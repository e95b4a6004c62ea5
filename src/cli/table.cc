#include "cli/table.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace nitro::cli {
namespace {

constexpr size_t kGap = 2;
/// A shrinking column keeps so many cells.
constexpr size_t kNarrowest = 12;

}  // namespace

void Table::add(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = display(cell, 400);
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::widths() const {
  std::vector<size_t> result;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t width = cell_width(columns_[i].title);
    for (const auto& row : rows_) width = std::max(width, cell_width(row[i]));
    result.push_back(width);
  }
  size_t total = std::accumulate(result.begin(), result.end(), kGap * (columns_.size() - 1));
  while (total > kTableCells) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      const bool better = widest == columns_.size() || result[i] > result[widest];
      if (columns_[i].shrinks && result[i] > kNarrowest && better) widest = i;
    }
    if (widest == columns_.size()) break;
    --result[widest];
    --total;
  }
  return result;
}

std::string Table::line(const std::vector<std::string>& cells,
                        const std::vector<size_t>& widths) const {
  std::string result;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string shown = columns_[i].shrinks ? display(cells[i], widths[i]) : cells[i];
    const std::string padding(widths[i] - std::min(widths[i], cell_width(shown)), ' ');
    if (i > 0) result.append(kGap, ' ');
    result += columns_[i].align == Align::kRight ? padding + shown : shown + padding;
  }
  result.erase(result.find_last_not_of(' ') + 1);
  return result + "\n";
}

std::string Table::text() const {
  const std::vector<size_t> cells = widths();
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string result = line(titles, cells);
  for (const auto& row : rows_) result += line(row, cells);
  return result;
}

}  // namespace nitro::cli
