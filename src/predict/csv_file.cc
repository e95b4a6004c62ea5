#include "predict/csv_file.h"

#include "base/file.h"
#include "base/text.h"

namespace nitro::predict {

Result<std::string> CsvRow::text(std::string_view column) const {
  const auto found = cells_.find(column);
  if (found == cells_.end())
    return fail(ErrorCode::kBadFile, "{}: there is no column '{}'", place_, column);
  return found->second;
}

Result<double> CsvRow::number(std::string_view column) const {
  const std::string cell = TRY(text(column));
  double value = 0;
  if (!parse_number(cell, value)) {
    return fail(ErrorCode::kBadFile, "{}: '{}' in column '{}' is no number", place_,
                display(cell, 40), column);
  }
  return value;
}

Result<int64_t> CsvRow::integer(std::string_view column) const {
  const std::string cell = TRY(text(column));
  int64_t value = 0;
  if (!parse_integer(cell, value)) {
    return fail(ErrorCode::kBadFile, "{}: '{}' in column '{}' is no integer", place_,
                display(cell, 40), column);
  }
  return value;
}

Result<std::vector<CsvRow>> read_csv(const std::filesystem::path& path) {
  const std::string text = TRY(read_file(path));
  std::vector<CsvRow> rows;
  std::vector<std::string_view> names;
  size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty()) continue;
    const std::vector<std::string_view> cells = split(line, ',');
    if (names.empty()) {
      names = cells;
      continue;
    }
    const std::string place = fmt::format("{}, line {}", display(path.string()), number);
    if (cells.size() != names.size()) {
      return fail(ErrorCode::kBadFile, "{}: {} cells for {} columns", place, cells.size(),
                  names.size());
    }
    std::map<std::string, std::string, std::less<>> row;
    for (size_t i = 0; i < names.size(); ++i) row.emplace(names[i], cells[i]);
    rows.emplace_back(place, std::move(row));
  }
  return rows;
}

}  // namespace nitro::predict
