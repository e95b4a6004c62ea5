#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro {

/// One line of a CSV file, by its number in the file.
struct CsvLine {
  size_t number = 0;
  std::vector<std::string> cells;
};

/// Comma-separated values as RFC 4180 has them: cells in double quotes may hold commas, line breaks
/// and doubled quotes. Empty lines are left out. Fails with kBadFile, which names the line, on a
/// quote that is not closed or stands inside a cell, and on a NUL.
Result<std::vector<CsvLine>> parse_csv(std::string_view text);

}  // namespace nitro
