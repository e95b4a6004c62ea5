#pragma once

#include <vector>

#include "base/json.h"
#include "optimize/ablation.h"
#include "predict/prediction.h"

namespace nitro::optimize {

/// A frame on a device that is not here.
struct PredictedFrame {
  double total_ns = 0;
  double low_ns = 0;
  double high_ns = 0;
};

/// {"total_ns", "low_ns", "high_ns"}
Json to_json(const PredictedFrame& frame);

/// One call of `graph` for each modality, or one of a graph that computes all.
Result<PredictedFrame> predicted_frame(const Graph& graph, const Workload& workload,
                                       const predict::PredictOptions& options);

/// The result's member `prediction` (docs/result.schema.json).
Json prediction_json(const predict::PredictOptions& options, const PredictedFrame& baseline,
                     const PredictedFrame& optimized);

/// Sets the predicted gain of each entry that changed something, over the model before it; with
/// `drop` keeps only those with which the whole is faster on the device. `original` is the graph
/// that the entries were applied to.
Result<void> judge_by_prediction(std::vector<LedgerEntry>& ledger, const Graph& original,
                                 const Workload& workload, const predict::PredictOptions& options,
                                 bool drop = true);

}  // namespace nitro::optimize
