#include "optimize/predicted_frame.h"

namespace nitro::optimize {
namespace {

/// A smaller change of the predicted time says nothing.
constexpr double kNothing = 0.001;

Result<double> without(const std::vector<LedgerEntry>& ledger, size_t left_out,
                       const Graph& original, const Workload& workload,
                       const predict::PredictOptions& options) {
  std::vector<LedgerEntry> rest = ledger;
  rest[left_out].kept = false;
  Graph graph = original;
  TRY(apply(kept_recipe(rest), graph));
  return TRY(predicted_frame(graph, workload, options)).total_ns;
}

}  // namespace

Json to_json(const PredictedFrame& frame) {
  return Json::object(
      {{"total_ns", frame.total_ns}, {"low_ns", frame.low_ns}, {"high_ns", frame.high_ns}});
}

Json prediction_json(const predict::PredictOptions& options, const PredictedFrame& baseline,
                     const PredictedFrame& optimized) {
  return Json::object({{"device", options.device.name},
                       {"device_title", options.device.title},
                       {"runtime", options.runtime.title},
                       {"precision", name(options.precision)},
                       {"fitted_to", options.runtime.source},
                       {"baseline", to_json(baseline)},
                       {"optimized", to_json(optimized)}});
}

Result<PredictedFrame> predicted_frame(const Graph& graph, const Workload& workload,
                                       const predict::PredictOptions& options) {
  const predict::Prediction one = TRY(predict::predict(graph, options));
  const auto calls = static_cast<double>(workload.is_batched(graph) ? 1 : workload.calls());
  return PredictedFrame{calls * one.total_ns, calls * one.low_ns, calls * one.high_ns};
}

Result<void> judge_by_prediction(std::vector<LedgerEntry>& ledger, const Graph& original,
                                 const Workload& workload, const predict::PredictOptions& options,
                                 bool drop) {
  Graph graph = original;
  double before = TRY(predicted_frame(graph, workload, options)).total_ns;
  std::vector<size_t> doubtful;
  for (size_t i = 0; i < ledger.size(); ++i) {
    if (!ledger[i].changed) continue;
    TRY(apply({ledger[i].steps}, graph));
    const double after = TRY(predicted_frame(graph, workload, options)).total_ns;
    ledger[i].predicted_gain_ns = before - after;
    if (drop && before - after < -kNothing * before) doubtful.push_back(i);
    before = after;
  }
  for (size_t i : doubtful) {
    const auto rest = without(ledger, i, original, workload, options);
    if (!rest && exit_code(rest.error().code) == 3) continue;  // later passes need it
    if (!rest) return std::unexpected(rest.error());
    ledger[i].kept = *rest > before;
    ledger[i].note =
        fmt::format("{}: the whole recipe is predicted to be {:.3f}x as fast with it as without it",
                    ledger[i].kept ? "kept" : "dropped", *rest / before);
    if (!ledger[i].kept) before = *rest;
  }
  return {};
}

}  // namespace nitro::optimize
