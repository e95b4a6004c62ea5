#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nitro::cuda {

/// What a compiled program depends on.
struct CubinKey {
  std::string_view source;
  std::span<const std::string> options;
  std::string_view architecture;
  std::string_view nvrtc_version;
};

/// Compiled programs on disk. Each entry has a checksum; one that does not hold is removed, so that the
/// program is compiled again. Several processes may use the same folder. A folder that cannot be
/// read or written is as good as an empty one.
class CubinCache {
 public:
  /// Remembers nothing.
  CubinCache() = default;
  explicit CubinCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// cubins/ in Nitro's cache folder (base/file.h).
  static CubinCache standard();

  std::optional<std::string> find(const CubinKey& key) const;
  void store(const CubinKey& key, std::string_view binary) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace nitro::cuda
