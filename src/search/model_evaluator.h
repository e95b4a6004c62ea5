#pragma once

#include <functional>
#include <optional>

#include "eval/test_set.h"
#include "optimize/workload.h"
#include "predict/prediction.h"
#include "search/calibrator.h"
#include "search/evaluator.h"
#include "zoo/open_model.h"

namespace nitro::search {

struct EvaluatorOptions {
  const zoo::OpenedModel& original;  // with a file that runners load
  const optimize::Workload& workload;
  const optimize::RunSetup& setup;
  const eval::TestSet& images;
  size_t few = 100;                // of which are looked at first
  size_t calibration_scenes = 48;  // of which calibrations are made
  std::filesystem::path folder;    // for the files of these
  /// Latency is predicted for this device instead of measured.
  std::optional<predict::PredictOptions> device = {};
  /// Latencies are given as if a frame of the original took so long; by default as long as it does.
  std::optional<double> original_ns = {};
  int repetitions = 7;  // fresh processes of what is measured side by side
  std::function<void(const std::string&)> phase = [](const std::string&) {};
};

/// Rewrites of one model on one runner. One process of it holds the original, beside which each
/// candidate is timed, so that what slows the machine down slows both.
class ModelEvaluator final : public Evaluator {
 public:
  /// Starts the runner and embeds the images with the original.
  static Result<ModelEvaluator> start(EvaluatorOptions options);

  Result<Candidate> make(const optimize::Recipe& recipe) override;
  Result<Estimate> latency(const Candidate& candidate) override;
  Result<std::vector<Quality>> quality(const Candidate& candidate, Images images) override;
  Result<std::vector<std::vector<double>>> side_by_side(
      const std::vector<Candidate>& candidates) override;

  const runner::RunnerInfo& runner_info() const { return info_; }
  /// Of a frame of the original, as measured at the start; nothing where latency is predicted.
  const std::optional<double>& original_ns() const { return original_ns_; }
  /// Of the original itself, for the record.
  Result<std::vector<Quality>> original_quality() const;
  size_t scenes() const { return chosen_.size(); }

 private:
  using Rows = std::vector<eval::Embeddings>;  // of each modality

  explicit ModelEvaluator(EvaluatorOptions options);
  Result<void> start_runner();
  /// `candidate` in the runner, which is started anew where it had ended.
  Result<void> load(const Candidate& candidate);
  Result<void> unload();
  /// The next candidate gets another runner where this one has ended.
  template <class T>
  Result<T> or_without_runner(Result<T> result);
  Result<Estimate> time_loaded();
  Result<void> embed_loaded(const Candidate& candidate, size_t wanted);
  /// Of the chosen scenes from `first` on.
  Result<eval::Embedded> embed(const eval::LoadedCalls& model, size_t first, size_t last);
  optimize::Frame frame(const Graph& graph, const std::filesystem::path& file) const;
  Result<std::vector<Quality>> compared(const Rows& rows) const;

  EvaluatorOptions options_;
  Calibrator calibrator_;
  std::vector<size_t> chosen_;  // samples, of which any beginning is a fair one
  runner::RunnerInfo info_;
  std::optional<runner::Runner> runner_;
  runner::Workload original_;  // in the runner
  std::optional<double> original_ns_;
  Rows reference_;
  // The candidate in the runner.
  std::string loaded_;  // its digest
  runner::Workload workload_;
  Rows rows_;  // of its first images
};

/// What tells sets of images apart: the digest of their ids, classes and file sizes.
std::string fingerprint(const eval::TestSet& images);

/// Bytes of the constants of `graph`, and of its values, as f32, at the time when most are alive.
double memory_bytes(const Graph& graph);

}  // namespace nitro::search
