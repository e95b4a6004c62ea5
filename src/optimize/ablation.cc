#include "optimize/ablation.h"

#include "measure/median.h"
#include "onnx/export_model.h"
#include "optimize/standard_recipe.h"

namespace nitro::optimize {
namespace {

/// Few samples of many variants: the differences of interest are between them, in one run.
runner::TimeRules ablation_rules() {
  runner::TimeRules rules;
  rules.warmup_ns = 100'000'000;
  rules.min_samples = 5;
  rules.max_samples = 9;
  rules.min_ns = 200'000'000;
  rules.max_ns = 8'000'000'000;
  return rules;
}

/// Below this speed-up over the model before it, a pass must prove itself against the whole recipe.
constexpr double kDoubtful = 1.0;

std::vector<double> medians(const FrameSamples& samples) {
  std::vector<double> result;
  for (const auto& repetition : samples.repetitions) {
    const std::vector<double> values(repetition.begin(), repetition.end());
    result.push_back(measure::median(values));
  }
  return result;
}

Result<Frame> write_frame(const Graph& graph, const std::string& label,
                          const AblationOptions& options) {
  const std::filesystem::path file = options.scratch / (label + ".onnx");
  TRY(onnx::write_model(graph, file));
  return Frame{label, file,
               options.workload.inputs(options.original.model.graph, graph,
                                       options.workload.measured_kind())};
}

Frame original_frame(const AblationOptions& options) {
  const Graph& graph = options.original.model.graph;
  return {"original", options.original.file,
          options.workload.inputs(graph, graph, options.workload.measured_kind())};
}

Result<Frame> frame_of(const std::vector<LedgerEntry>& ledger, const std::string& label,
                       const AblationOptions& options) {
  Graph graph = options.original.model.graph;
  TRY(apply(kept_recipe(ledger), graph));
  return write_frame(graph, label, options);
}

Result<std::vector<FrameSamples>> measure(const std::vector<Frame>& frames,
                                          const AblationOptions& options) {
  MeasureOptions measuring{options.repetitions, ablation_rules()};
  measuring.before_repetition = [&](int repetition, int of) {
    options.phase(fmt::format("measuring {} variants side by side, process {} of {}", frames.size(),
                              repetition + 1, of));
  };
  return options.measure(frames, options.setup, measuring);
}

/// Entries that were judged one by one may do otherwise together: takes all back where dropping
/// them made the model slower, and keeps none where what is left is slower than the original.
Result<void> confirm(std::vector<LedgerEntry>& ledger, const std::vector<LedgerEntry>& whole,
                     const AblationOptions& options) {
  if (kept_recipe(ledger).steps.empty() || options.setup.interrupted()) return {};
  std::vector<Frame> frames(1, original_frame(options));
  frames.push_back(TRY(frame_of(whole, "whole", options)));
  frames.push_back(TRY(frame_of(ledger, "kept", options)));
  const std::vector<FrameSamples> samples = TRY(measure(frames, options));
  if (samples[0].repetitions.empty()) return {};
  const auto dropping = TRY(measure::compare({medians(samples[1]), medians(samples[2])}));
  const bool take_back = dropping.verdict == measure::Verdict::kSlower;
  for (size_t i = 0; take_back && i < ledger.size(); ++i) {
    if (ledger[i].kept == whole[i].kept) continue;
    ledger[i].kept = whole[i].kept;
    ledger[i].note = fmt::format("kept: without all that seemed to cost time it is {:.3f}x as fast",
                                 dropping.speedup);
  }
  const auto gain =
      TRY(measure::compare({medians(samples[0]), medians(samples[take_back ? 1 : 2])}));
  if (gain.verdict != measure::Verdict::kSlower) return {};
  for (LedgerEntry& entry : ledger) {
    if (!entry.kept || !entry.changed) continue;
    entry.kept = false;
    entry.note = fmt::format("dropped: with what was left the model is {:.3f}x as fast as before",
                             gain.speedup);
  }
  return {};
}

/// Measures the whole recipe against itself without each of `doubtful`, and drops what costs.
Result<void> settle(std::vector<LedgerEntry>& ledger, const std::vector<size_t>& doubtful,
                    const AblationOptions& options) {
  std::vector<Frame> frames(1, TRY(frame_of(ledger, "whole", options)));
  std::vector<size_t> tried;
  for (size_t entry : doubtful) {
    std::vector<LedgerEntry> rest = ledger;
    rest[entry].kept = false;
    auto frame = frame_of(rest, fmt::format("without-{}", entry), options);
    if (!frame && exit_code(frame.error().code) == 3) continue;  // later passes need it
    if (!frame) return std::unexpected(frame.error());
    frames.push_back(std::move(*frame));
    tried.push_back(entry);
  }
  const std::vector<FrameSamples> samples = TRY(measure(frames, options));
  if (samples[0].repetitions.empty()) return {};
  for (size_t i = 0; i < tried.size(); ++i) {
    const auto comparison = TRY(measure::compare({medians(samples[i + 1]), medians(samples[0])}));
    LedgerEntry& entry = ledger[tried[i]];
    entry.kept = comparison.speedup > 1;
    entry.note = fmt::format("{}: the whole recipe is {:.3f}x as fast with it as without it",
                             entry.kept ? "kept" : "dropped", comparison.speedup);
  }
  return {};
}

}  // namespace

std::vector<LedgerEntry> ledger_of(const Recipe& recipe) {
  std::vector<LedgerEntry> ledger;
  for (const Step& step : recipe.steps) {
    if (ledger.empty() || !is_clean_up(step) ||
        (is_clean_up(ledger.back().steps[0]) && !is_clean_up(step))) {
      ledger.emplace_back();
    }
    ledger.back().steps.push_back(step);
  }
  return ledger;
}

Recipe kept_recipe(const std::vector<LedgerEntry>& ledger) {
  Recipe recipe;
  for (const LedgerEntry& entry : ledger) {
    if (entry.kept && entry.changed)
      recipe.steps.insert(recipe.steps.end(), entry.steps.begin(), entry.steps.end());
  }
  return recipe;
}

Result<Graph> apply_ledger(std::vector<LedgerEntry>& ledger, const Graph& original) {
  Graph graph = original;
  for (LedgerEntry& entry : ledger) {
    Graph next = graph;
    const auto results = apply({entry.steps}, next);
    if (!results) {
      if (exit_code(results.error().code) != 3) return std::unexpected(results.error());
      entry.kept = false;
      entry.note = results.error().text();
      continue;
    }
    for (const StepResult& result : *results) {
      entry.changed = entry.changed || result.changed;
      entry.nodes_touched += result.nodes_touched;
    }
    if (!entry.changed) entry.note = "found nothing to rewrite";
    graph = std::move(next);
  }
  return graph;
}

Result<void> ablate(std::vector<LedgerEntry>& ledger, const AblationOptions& options) {
  const Graph& original = options.original.model.graph;
  std::vector<Frame> frames = {original_frame(options)};
  std::vector<size_t> changed;
  Graph graph = original;
  for (size_t i = 0; i < ledger.size(); ++i) {
    if (!ledger[i].changed) continue;
    TRY(apply({ledger[i].steps}, graph));
    frames.push_back(TRY(write_frame(graph, fmt::format("after-{}", i), options)));
    changed.push_back(i);
  }
  if (changed.empty()) return {};
  const std::vector<FrameSamples> samples = TRY(measure(frames, options));
  if (samples[0].repetitions.empty()) return {};
  std::vector<size_t> doubtful;
  for (size_t i = 0; i < changed.size(); ++i) {
    const auto comparison = TRY(measure::compare({medians(samples[i]), medians(samples[i + 1])}));
    ledger[changed[i]].measured = comparison;
    if (comparison.speedup < kDoubtful) doubtful.push_back(changed[i]);
  }
  if (doubtful.empty() || options.setup.interrupted()) return {};
  const std::vector<LedgerEntry> whole = ledger;
  TRY(settle(ledger, doubtful, options));
  return confirm(ledger, whole, options);
}

}  // namespace nitro::optimize
