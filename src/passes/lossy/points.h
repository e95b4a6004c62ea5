#pragma once

#include <string>
#include <vector>

#include "passes/lossy/calibration.h"
#include "passes/lossy/dense.h"
#include "passes/lossy/matrix.h"
#include "passes/lossy/residual.h"

namespace nitro::passes {

/// Of the vectors along the last axis of a value.
struct MeanCovariance {
  std::vector<double> mean;
  Matrix covariance;
};

/// The moments of a record. Fails with kBadRecipe where there are none, and with kBadFile where no
/// vectors have such ones; errors call the value `name`.
Result<MeanCovariance> mean_covariance(const ValueRecord& record, std::string_view name);

/// Of what `layer` of `graph` reads.
Result<MeanCovariance> input_moments(const Calibration& calibration, const Graph& graph,
                                     const Dense& layer);
/// Of what the replacement of a branch reads, and what the branch gives, side by side.
Result<MeanCovariance> branch_moments(const Calibration& calibration, const Graph& graph,
                                      const ResidualBranch& branch);

/// The variance of what a branch is added to, summed over its channels.
Result<double> stream_variance(const Calibration& calibration, const Graph& graph,
                               const ResidualBranch& branch);

/// Adds to the outputs of `graph`, for each of its residual branches, a value of what
/// branch_moments() is about; returns these values and those that stream_variance() is about.
Result<std::vector<ValueId>> add_branch_values(Graph& graph);

}  // namespace nitro::passes
