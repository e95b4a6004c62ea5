#pragma once

#include <string>
#include <vector>

#include "passes/lossy/dense.h"
#include "passes/lossy/residual.h"

namespace nitro::passes {

/// Where a pass wants moments: of the last axes of these values, side by side, row by row.
struct CalibrationPoint {
  std::string name;
  std::vector<ValueId> values;  // of as many rows
};

/// "fc2 input": what a linear layer reads.
std::string input_point(const Dense& layer);
/// "attn branch": what the replacement of a residual branch would read, and what the branch gives.
std::string branch_point(const ResidualBranch& branch);

/// All points of a graph that the passes can use.
std::vector<CalibrationPoint> calibration_points(const Graph& graph);

}  // namespace nitro::passes
