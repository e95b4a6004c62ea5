#include "cuda/roofs_cache.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/sha256.h"

namespace nitro::cuda {
namespace {

constexpr int kFormatVersion = 3;
constexpr uint64_t kMaxBytes = 1 << 16;

Result<GpuRoofs> read_cached(const std::filesystem::path& path, const std::string& key) {
  const Json json = TRY(Json::parse(TRY(read_file(path, kMaxBytes))));
  if (json.at("key").as_string() != key) {
    return fail(ErrorCode::kBadFile, "the roofs are those of another GPU");
  }
  return gpu_roofs_from_json(json.at("roofs"));
}

}  // namespace

std::string gpu_roofs_key(const DeviceState& state) {
  return fmt::format(
      "{}; compute capability {}; {} multiprocessors, {} MHz, memory {} MHz; driver "
      "{}, CUDA {}; format {}",
      state.name, state.compute_capability, state.multiprocessors, state.multiprocessor_max_mhz,
      state.memory_max_mhz, state.driver, state.cuda, kFormatVersion);
}

Result<GpuRoofs> cached_gpu_roofs(const std::filesystem::path& folder, const std::string& key,
                                  const std::function<Result<GpuRoofs>()>& measure) {
  const std::filesystem::path path =
      folder / fmt::format("gpu-roofs-{}.json", to_hex(sha256(key)).substr(0, 16));
  if (auto cached = read_cached(path, key)) return cached;
  const GpuRoofs roofs = TRY(measure());
  Json json = Json::object();
  json["key"] = key;
  json["roofs"] = to_json(roofs);
  // A cache that cannot be written is no reason to fail: the roofs are there.
  static_cast<void>(write_file_atomic(path, json.dump(2) + "\n"));
  return roofs;
}

Result<GpuRoofs> device_roofs(const Device& device, const EngineOptions& options) {
  const DeviceState state = read_device_state(device);
  const auto measure = [&] { return measure_gpu_roofs(device, state.l2_bytes, options); };
  const auto folder = cache_folder();
  if (!folder) return measure();
  return cached_gpu_roofs(*folder, gpu_roofs_key(state), measure);
}

}  // namespace nitro::cuda
