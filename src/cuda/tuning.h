#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "cuda/device.h"
#include "cuda/gemm_tile.h"

namespace nitro::cuda {

/// The tiles that were found to be fastest for products on one device.
class Tuning {
 public:
  std::optional<GemmTile> tile(const plan::Gemm& gemm, bool panels) const;
  void set(const plan::Gemm& gemm, const GemmTile& tile);
  /// What `other` knows replaces what is known here.
  void merge(const Tuning& other);
  size_t size() const { return tiles_.size(); }

  /// As JSON; kBadFile where it is not what text() writes.
  std::string text() const;
  static Result<Tuning> parse(const std::string& text);

  bool operator==(const Tuning&) const = default;

 private:
  /// m, n, k, batch, whether normalised, with a residual, in panels.
  using Key = std::tuple<int64_t, int64_t, int64_t, int64_t, bool, bool, bool>;
  static Key key(const plan::Gemm& gemm, bool panels);

  std::map<Key, GemmTile> tiles_;
};

/// Where the tuning of a device and driver is kept. A file that cannot be read is as good as none.
class TuningStore {
 public:
  explicit TuningStore(std::filesystem::path file) : file_(std::move(file)) {}
  /// In Nitro's cache folder (base/file.h).
  static TuningStore standard(const Device& device);

  Tuning load() const;
  Result<void> add(const Tuning& tuning) const;
  const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
};

}  // namespace nitro::cuda
