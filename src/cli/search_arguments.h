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
  /// What the arguments say of a search; the caller knows the rest. Fails with kUsage on no limit
  /// of accuracy or an impossible one, and as the reading of the space does.
  Result<search::SearchOptions> options() const;
  /// A URL as Optuna takes it: that of --storage, or `file`.
  std::string storage(const std::filesystem::path& file) const;
  size_t few() const { return static_cast<size_t>(few_); }
  const std::filesystem::path& sampler_python() const { return python_; }

 private:
  Result<search::Limits> limits() const;

  std::string max_drop_;
  std::string min_accuracy_;
  std::string min_cosine_;
  double max_latency_ms_ = 0;
  double max_memory_mb_ = 0;
  std::filesystem::path space_;
  std::filesystem::path calibration_;
  int64_t trials_ = 50;
  double seconds_ = 0;
  int64_t few_ = 100;
  std::string storage_;
  std::string sampler_ = "tpe";
  bool resume_ = false;
};

}  // namespace nitro::cli
