#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "ir/graph.h"
#include "optimize/recipe.h"
#include "search/trial.h"

namespace nitro::search {

/// A rewritten model. Its file goes with the last copy.
struct Candidate {
  optimize::Recipe recipe = {};  // complete: with the files that its passes needed
  Graph graph = {};
  std::filesystem::path file = {};
  std::shared_ptr<const ScratchFolder> folder = {};  // that the file is in
  std::string sha256 = {};
  double memory_bytes = 0;  // weights, and the most values that are alive at once
};

enum class Images : uint8_t { kFew, kAll };

/// Makes and measures what a search proposes. What a model is to blame for has a code of the model
/// or of the runner; kInterrupted, kUsage, kEnvironment and kInputOutput end the search.
class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// The original model, rewritten.
  virtual Result<Candidate> make(const optimize::Recipe& recipe) = 0;
  /// Of a frame, quickly.
  virtual Result<Estimate> latency(const Candidate& candidate) = 0;
  /// Of each modality; kAll may go on from what kFew found of the same candidate just before.
  virtual Result<std::vector<Quality>> quality(const Candidate& candidate, Images images) = 0;
  /// Of each candidate the medians of some repetitions, ns, all of them measured side by side.
  virtual Result<std::vector<std::vector<double>>> side_by_side(
      const std::vector<Candidate>& candidates) = 0;
};

/// Whether an error is only that of the model that was tried.
bool is_of_candidate(const Error& error);

}  // namespace nitro::search
