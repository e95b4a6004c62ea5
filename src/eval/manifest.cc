#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"
#include "eval/data_set.h"

namespace nitro::eval {
namespace {

/// Where the columns of a manifest are.
struct Columns {
  size_t class_name = 0;
  std::optional<size_t> id;
  std::vector<std::string> modalities;
  std::vector<size_t> files;  // of the modalities
};

Result<Columns> columns_of(const std::vector<std::string>& titles,
                           const std::vector<std::string>& wanted) {
  Columns columns;
  std::vector<std::string> there;
  std::optional<size_t> class_name;
  for (size_t i = 0; i < titles.size(); ++i) {
    if (titles[i].empty() || std::ranges::count(titles, titles[i]) > 1) {
      return fail(ErrorCode::kBadFile, "the first line has an empty or repeated name: '{}'",
                  display(titles[i], 60));
    }
    if (titles[i] == "class") {
      class_name = i;
    } else if (titles[i] == "id") {
      columns.id = i;
    } else {
      there.push_back(titles[i]);
    }
  }
  if (!class_name || there.empty()) {
    return fail_with_hint(ErrorCode::kBadFile, "the first line must name 'class' and a modality",
                          "for example: class,rgb,depth");
  }
  columns.class_name = *class_name;
  columns.modalities = wanted.empty() ? there : wanted;
  for (const std::string& name : columns.modalities) {
    const auto place = std::ranges::find(titles, name);
    if (std::ranges::find(there, name) == there.end()) {
      return fail_with_hint(ErrorCode::kUsage,
                            fmt::format("there is no modality '{}'", display(name, 60)),
                            display(fmt::format("it has {}", fmt::join(there, ", ")), 200));
    }
    columns.files.push_back(static_cast<size_t>(place - titles.begin()));
  }
  return columns;
}

Result<std::vector<FoundSample>> samples_of(const std::vector<CsvLine>& lines,
                                            const Columns& columns,
                                            const std::filesystem::path& folder) {
  std::vector<FoundSample> found;
  for (const CsvLine& line : std::span(lines).subspan(1)) {
    const std::vector<std::string>& cells = line.cells;
    if (cells.size() != lines[0].cells.size()) {
      return fail(ErrorCode::kBadFile, "line {}: {} cells for {} columns", line.number,
                  cells.size(), lines[0].cells.size());
    }
    if (cells[columns.class_name].empty())
      return fail(ErrorCode::kBadFile, "line {}: no class", line.number);
    FoundSample sample{cells[columns.id.value_or(columns.files[0])], cells[columns.class_name], {}};
    for (size_t column : columns.files)
      sample.files.push_back(cells[column].empty() ? "" : folder / cells[column]);
    found.push_back(std::move(sample));
  }
  return found;
}

}  // namespace

Result<DataSet> open_manifest(const std::filesystem::path& path,
                              const std::vector<std::string>& modalities) {
  const std::string text = TRY(read_file(path));
  const std::string place = display(path.native());
  const std::vector<CsvLine> lines = TRY(in_context(parse_csv(text), place));
  if (lines.empty()) return fail(ErrorCode::kBadFile, "{} is empty", place);
  Columns columns = TRY(in_context(columns_of(lines[0].cells, modalities), place));
  auto found = TRY(in_context(samples_of(lines, columns, path.parent_path()), place));
  return make_data_set(path, std::move(columns.modalities), std::move(found));
}

}  // namespace nitro::eval
