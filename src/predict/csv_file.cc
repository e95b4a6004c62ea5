#include "predict/csv_file.h"

#include "base/csv.h"
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
  const std::string file = display(path.string());
  const std::vector<CsvLine> lines = TRY(in_context(parse_csv(TRY(read_file(path))), file));
  std::vector<CsvRow> rows;
  for (const CsvLine& line : lines) {
    if (&line == lines.data()) continue;  // the names of the columns
    const std::vector<std::string>& names = lines[0].cells;
    const std::string place = fmt::format("{}, line {}", file, line.number);
    if (line.cells.size() != names.size()) {
      return fail(ErrorCode::kBadFile, "{}: {} cells for {} columns", place, line.cells.size(),
                  names.size());
    }
    std::map<std::string, std::string, std::less<>> row;
    for (size_t i = 0; i < names.size(); ++i) row.emplace(names[i], line.cells[i]);
    rows.emplace_back(place, std::move(row));
  }
  return rows;
}

}  // namespace nitro::predict
