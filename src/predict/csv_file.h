#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::predict {

/// A line of comma-separated values, by the names of the columns.
class CsvRow {
 public:
  CsvRow(std::string place, std::map<std::string, std::string, std::less<>> cells)
      : place_(std::move(place)), cells_(std::move(cells)) {}
  /// kBadFile, with the line, where there is no such column or no number in it.
  Result<std::string> text(std::string_view column) const;
  Result<double> number(std::string_view column) const;
  Result<int64_t> integer(std::string_view column) const;

 private:
  std::string place_;
  std::map<std::string, std::string, std::less<>> cells_;
};

/// A file whose first line names the columns.
Result<std::vector<CsvRow>> read_csv(const std::filesystem::path& path);

}  // namespace nitro::predict
