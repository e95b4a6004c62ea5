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

Result<std::vector<FrameSamples>> measure(const std::vector<Frame>& frames,
                                          const AblationOptions& options) {
  MeasureOptions measuring{options.repetitions, ablation_rules()};
  measuring.before_repetition = [&](int repetition, int of) {
    options.phase(fmt::format("measuring {} variants side by side, process {} of {}", frames.size(),
                              repetition + 1, of));
  };
  return options.measure(frames, options.setup, measuring);
}

Result<Graph> without_entry(const std::vector<LedgerEntry>& ledger, size_t skipped,
                            const Graph& original) {
  std::vector<LedgerEntry> rest = ledger;
  rest[skipped].kept = false;
  Graph graph = original;
  TRY(apply(kept_recipe(rest), graph));
  return graph;
}

/// Measures the whole recipe against itself without each of `doubtful`, and drops what costs.
Result<void> settle(std::vector<LedgerEntry>& ledger, const std::vector<size_t>& doubtful,
                    const AblationOptions& options) {
  const Graph& original = options.original.model.graph;
  Graph whole = original;
  TRY(apply(kept_recipe(ledger), whole));
  std::vector<Frame> frames = {TRY(write_frame(whole, "whole", options))};
  std::vector<size_t> tried;
  for (size_t entry : doubtful) {
    auto graph = without_entry(ledger, entry, original);
    if (!graph) continue;  // later passes need it
    frames.push_back(TRY(write_frame(*graph, fmt::format("without-{}", entry), options)));
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
  std::vector<Frame> frames = {
      {"original", options.original.file,
       options.workload.inputs(original, original, options.workload.measured_kind())}};
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
  return settle(ledger, doubtful, options);
}

}  // namespace nitro::optimize
