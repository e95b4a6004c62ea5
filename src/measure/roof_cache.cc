#include "measure/roof_cache.h"

#include <fmt/core.h>

#include "base/file.h"

namespace nitro::measure {
namespace {

constexpr int kFormatVersion = 1;
constexpr uint64_t kMaxBytes = 1 << 20;

/// FNV-1a: a file name only, since the key inside the file decides.
uint64_t hash(std::string_view text) {
  uint64_t value = 0xCBF29CE484222325ULL;
  for (char c : text) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return value;
}

Result<Roofs> read_cached(const std::filesystem::path& path, const std::string& key) {
  const Json json = TRY(Json::parse(TRY(read_file(path, kMaxBytes))));
  if (json.at("key").as_string() != key) {
    return fail(ErrorCode::kBadFile, "the roofs are those of another machine");
  }
  return roofs_from_json(json.at("roofs"));
}

}  // namespace

std::string roof_key(const Environment& environment) {
  return fmt::format("{}; microcode {}; {} of {} processors; format {}", environment.cpu_model,
                     environment.microcode, environment.usable_processors, environment.processors,
                     kFormatVersion);
}

Roofs cached_roofs(const std::filesystem::path& folder, const std::string& key,
                   const std::function<Roofs()>& measure) {
  const std::filesystem::path path = folder / fmt::format("roofs-{:016x}.json", hash(key));
  if (auto cached = read_cached(path, key)) return std::move(*cached);
  Roofs roofs = measure();
  if (!roofs.disturbed) {
    Json json = Json::object();
    json["key"] = key;
    json["roofs"] = to_json(roofs);
    // A cache that cannot be written is no reason to fail: the roofs are there.
    static_cast<void>(write_file_atomic(path, json.dump(2) + "\n"));
  }
  return roofs;
}

Roofs machine_roofs() {
  const auto folder = cache_folder();
  if (!folder) return measure_roofs();
  return cached_roofs(*folder, roof_key(read_environment()), measure_roofs);
}

}  // namespace nitro::measure
