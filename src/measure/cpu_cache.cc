#include "measure/cpu_cache.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "measure/system_text.h"

namespace nitro::measure {
namespace {

constexpr int64_t kMostProcessors = 1 << 16;
constexpr int64_t kMostBytes = int64_t{1} << 36;

/// "48K", "32M" or plain bytes; 0 where malformed.
int64_t parse_size(std::string_view text) {
  int64_t unit = 1;
  if (text.ends_with('K')) unit = 1 << 10;
  if (text.ends_with('M')) unit = 1 << 20;
  if (unit > 1) text.remove_suffix(1);
  int64_t count = 0;
  if (!parse_integer(text, count) || count < 0 || count > kMostBytes / unit) return 0;
  return count * unit;
}

}  // namespace

int count_cpu_list(std::string_view list) {
  int64_t total = 0;
  for (std::string_view range : split(list, ',')) {
    const std::vector<std::string_view> ends = split(range, '-');
    int64_t first = 0;
    int64_t last = 0;
    if (ends.size() > 2 || !parse_integer(ends.front(), first) ||
        !parse_integer(ends.back(), last)) {
      return 0;
    }
    if (first < 0 || last < first || last >= kMostProcessors) return 0;
    total += last - first + 1;
  }
  return static_cast<int>(std::min(total, kMostProcessors));
}

std::vector<CpuCache> read_cpu_caches(const std::filesystem::path& root) {
  std::vector<CpuCache> caches;
  for (int index = 0; index < 16; ++index) {
    const auto folder = root / fmt::format("sys/devices/system/cpu/cpu0/cache/index{}", index);
    const auto read = [&](const char* file) { return system_text(folder / file).value_or(""); };
    const std::string type = read("type");
    if (type != "Data" && type != "Unified") continue;
    int64_t level = 0;
    const int64_t bytes = parse_size(read("size"));
    if (!parse_integer(read("level"), level) || level < 1 || level > 4 || bytes == 0) continue;
    const int shared_by = std::max(1, count_cpu_list(read("shared_cpu_list")));
    caches.push_back({static_cast<int>(level), bytes, shared_by});
  }
  std::ranges::sort(caches, {}, &CpuCache::level);
  return caches;
}

Json to_json(const CpuCache& cache) {
  Json json = Json::object();
  json["level"] = cache.level;
  json["bytes"] = cache.bytes;
  json["shared_by"] = cache.shared_by;
  return json;
}

}  // namespace nitro::measure
