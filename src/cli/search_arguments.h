#pragma once

#include <filesystem>
#include <string>

#include "cli/arguments.h"
#include "search/search.h"

namespace nitro::cli {

/// The arguments by which a verb takes what a search tries, keeps, and when it ends.
class SearchArguments {
 public:
  void declare(Arguments& arguments);
  /// What the arguments say of a search at `accuracy`; the caller knows the rest. Fails as the
  /// reading of the space does, and with kUsage where nothing limits the accuracy.
  Result<search::SearchOptions> options(optimize::AccuracyLimits accuracy) const;
  /// A URL as Optuna takes it: that of --storage, or `file`.
  std::string storage(const std::filesystem::path& file) const;
  /// Where the trials run: as python -m nitro.fleet takes it; empty: here.
  const std::string& fleet() const { return fleet_; }
  size_t few() const { return static_cast<size_t>(few_); }
  size_t calibration_scenes() const { return static_cast<size_t>(calibration_scenes_); }

 private:
  double max_latency_ms_ = 0;
  double max_memory_mb_ = 0;
  std::filesystem::path space_;
  int64_t trials_ = 50;
  double seconds_ = 0;
  int64_t few_ = 100;
  int64_t calibration_scenes_ = 48;
  std::string storage_;
  std::string fleet_;
  std::string sampler_ = "tpe";
  bool resume_ = false;
};

}  // namespace nitro::cli
