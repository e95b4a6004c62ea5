#pragma once

#include "cli/data_arguments.h"
#include "cli/frame_arguments.h"
#include "cli/limit_arguments.h"
#include "cli/search_arguments.h"
#include "search/model_evaluator.h"

namespace nitro::cli {

/// What a search is of. `nitro search` and the workers of its fleet get the same words, and open
/// the same by them.
class SearchSubject {
 public:
  void declare(Arguments& arguments);
  /// Opens model and images, and makes the folder for results.
  Result<void> open(Console& console);
  /// The images of --test-data, by which the winner is judged in the end.
  Result<eval::TestSet> judging_images() const;
  /// How its models are measured, once it is open; refers to it.
  search::EvaluatorOptions measuring() const;
  /// Completes options() by what only a started evaluator knows.
  void complete(const search::ModelEvaluator& evaluator);

  search::SearchOptions& options() { return options_; }
  optimize::OptimizeOptions& final() { return final_; }  // the comparison of the winner
  const FrameArguments& frame() const { return frame_; }
  const SearchArguments& arguments() const { return search_; }
  bool has_judging_images() const { return !test_data_.empty(); }
  std::string storage() const { return search_.storage(frame_.output() / (name_ + ".search.db")); }

 private:
  uint64_t seed() const { return static_cast<uint64_t>(seed_); }

  FrameArguments frame_;
  DataArguments data_;
  LimitArguments limits_;
  SearchArguments search_;
  std::filesystem::path test_data_;
  int64_t seed_ = 1;

  std::optional<ScratchFolder> scratch_;
  search::SearchOptions options_;
  optimize::OptimizeOptions final_;
  std::string name_;
  eval::TestSet images_;
  zoo::OpenedModel original_;
  optimize::Workload workload_;
};

}  // namespace nitro::cli
