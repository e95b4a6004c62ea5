#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "measure/compare.h"
#include "optimize/recipe.h"
#include "optimize/workload.h"
#include "zoo/open_model.h"

namespace nitro::optimize {

/// One entry of the ledger: a pass with the clean-up after it.
struct LedgerEntry {
  std::vector<Step> steps;
  bool changed = false;
  int64_t nodes_touched = 0;
  std::optional<measure::Comparison> measured;   // against the model before this pass
  std::optional<double> predicted_gain_ns = {};  // of a frame on the device predicted for
  bool kept = true;
  std::string note;
};

/// The steps of `recipe`, each pass with the clean-ups that follow it.
std::vector<LedgerEntry> ledger_of(const Recipe& recipe);

/// The kept steps that changed something.
Recipe kept_recipe(const std::vector<LedgerEntry>& ledger);

struct AblationOptions {
  const zoo::OpenedModel& original;
  const Workload& workload;
  const RunSetup& setup;
  std::filesystem::path scratch;
  int repetitions = 5;
  std::function<void(const std::string&)> phase;
  std::function<Result<std::vector<FrameSamples>>(const std::vector<Frame>&, const RunSetup&,
                                                  const MeasureOptions&)>
      measure = measure_frames;
};

/// Applies the entries one after the other and notes what each changed; an entry that cannot be
/// applied to this model is not kept, and its note says why. Returns the graph after the last.
Result<Graph> apply_ledger(std::vector<LedgerEntry>& ledger, const Graph& original);

/// Measures the model after each entry side by side, then once more without each entry that seemed
/// to cost time; what does not help is no longer kept. What is left is compared with the original
/// and with all entries: no recipe remains that is slower than either. Interrupted before that, it
/// keeps all.
Result<void> ablate(std::vector<LedgerEntry>& ledger, const AblationOptions& options);

}  // namespace nitro::optimize
