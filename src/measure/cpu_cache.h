#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/json.h"

namespace nitro::measure {

/// One data or unified cache, as the first processor sees it.
struct CpuCache {
  int level = 0;
  int64_t bytes = 0;
  /// Logical processors that share it.
  int shared_by = 1;

  bool operator==(const CpuCache&) const = default;
};

/// The caches below `root`/sys, lowest level first; those that make no sense are left out.
std::vector<CpuCache> read_cpu_caches(const std::filesystem::path& root = "/");

/// How many numbers a list such as "0-3,8,10-11" holds; 0 where malformed.
int count_cpu_list(std::string_view list);

/// {"level", "bytes", "shared_by"}
Json to_json(const CpuCache& cache);

}  // namespace nitro::measure
