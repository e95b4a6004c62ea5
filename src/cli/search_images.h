#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/eval_model.h"
#include "search/model_evaluator.h"

namespace nitro::cli {

/// The arguments by which a search takes labelled images: those that it chooses by, and those that
/// it reports.
class SearchImages {
 public:
  void declare(Arguments& arguments);
  /// Of --data, in `modalities` (empty: all). kUsage without it, and where classes are missing that
  /// `decisions` need or a class of the images is no candidate.
  Result<search::EvaluationData> data(const std::vector<std::string>& modalities, bool decisions,
                                      uint64_t seed) const;
  /// Of --test-data; nothing where it was not given.
  Result<std::optional<search::EvaluationData>> test_data(
      const std::vector<std::string>& modalities, bool decisions, uint64_t seed) const;
  /// How models take them.
  PortOptions ports(const search::EvaluationData& data) const;

 private:
  Result<search::EvaluationData> open(const std::filesystem::path& path,
                                      const std::vector<std::string>& modalities, bool decisions,
                                      uint64_t seed) const;

  std::filesystem::path data_;
  std::filesystem::path test_data_;
  std::filesystem::path text_;
  std::filesystem::path classes_;
  int64_t limit_ = 0;
};

}  // namespace nitro::cli
