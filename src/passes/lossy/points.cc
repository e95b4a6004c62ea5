#include "passes/lossy/points.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace nitro::passes {
namespace {

std::string branch_value(const ResidualBranch& branch) { return branch.name + " branch"; }

/// Whether no covariance is greater than its variances allow, up to the rounding of large means.
bool is_possible(const MeanCovariance& moments) {
  const auto variance = [&](size_t i) {
    return moments.covariance.at(i, i) + 1e-9 * moments.mean[i] * moments.mean[i];
  };
  const Matrix& covariance = moments.covariance;
  for (size_t i = 0; i < covariance.rows; ++i) {
    for (size_t j = 0; j < i; ++j) {
      const double bound = std::sqrt(variance(i) * variance(j));
      if (std::abs(covariance.at(i, j)) > 1.001 * bound) return false;
    }
  }
  return true;
}

}  // namespace

Result<MeanCovariance> mean_covariance(const ValueRecord& record, std::string_view name) {
  const std::string shown = display(name, 80);
  if (!record.moments || record.moments->rows < 1) {
    return fail_with_hint(ErrorCode::kBadRecipe,
                          fmt::format("the calibration has no moments of '{}'", shown),
                          "nitro calibrate --moments makes a calibration that has them");
  }
  const Moments& sums = *record.moments;
  const auto count = static_cast<double>(sums.rows);
  const size_t width = sums.sums.size();
  MeanCovariance result{sums.sums, Matrix(width, width)};
  for (double& each : result.mean) each /= count;
  for (size_t i = 0; i < width; ++i) {
    for (size_t j = 0; j < width; ++j) {
      const double square = sums.products[i * width + j] / count;
      const double value = square - result.mean[i] * result.mean[j];
      if (i == j && value < -1e-9 * square)
        return fail(ErrorCode::kBadFile, "the calibration has a negative variance of '{}'", shown);
      result.covariance.at(i, j) = i == j ? std::max(0.0, value) : value;
    }
  }
  if (!is_possible(result)) {
    return fail(ErrorCode::kBadFile, "the calibration has a covariance above the variances of '{}'",
                shown);
  }
  return result;
}

Result<MeanCovariance> input_moments(const Calibration& calibration, const Graph& graph,
                                     const Dense& layer) {
  const ValueRecord& record = *TRY(records_of(calibration, graph, {layer.x}))[0];
  return mean_covariance(record, layer.name);
}

Result<MeanCovariance> branch_moments(const Calibration& calibration, const Graph& graph,
                                      const ResidualBranch& branch) {
  const auto found = calibration.values.find(branch_value(branch));
  Shape shape = graph.type(branch.y).shape;
  shape.back() *= 2;
  if (found == calibration.values.end() || found->second.type.shape != shape) {
    return fail_with_hint(ErrorCode::kBadRecipe,
                          fmt::format("the calibration does not fit the branch '{}', {}",
                                      display(branch.name, 80), text(graph.type(branch.y))),
                          "nitro calibrate --moments, with the steps of the recipe before this "
                          "one, makes one that fits");
  }
  return mean_covariance(found->second, branch.name);
}

Result<double> stream_variance(const Calibration& calibration, const Graph& graph,
                               const ResidualBranch& branch) {
  const MeanCovariance moments =
      branch.norm
          ? TRY(mean_covariance(*TRY(records_of(calibration, graph, {branch.x}))[0], branch.name))
          : TRY(branch_moments(calibration, graph, branch));
  return trace(moments.covariance, 0, static_cast<size_t>(graph.type(branch.x).shape.back()));
}

Result<std::vector<ValueId>> add_branch_values(Graph& graph) {
  std::vector<ValueId> values, streams;
  const Graph before = graph;
  const DenseLayers layers(before);
  for (const ResidualBranch& branch : residual_branches(layers)) {
    const int64_t axis = graph.type(branch.y).rank() - 1;
    values.push_back(TRY(
        graph.add_node(Concat{axis}, {branch.source, branch.y}, {}, {branch_value(branch)}))[0]);
    if (branch.norm && std::ranges::find(streams, branch.x) == streams.end())
      streams.push_back(branch.x);
  }
  std::vector<ValueId> outputs = graph.outputs();
  outputs.insert(outputs.end(), values.begin(), values.end());
  graph.set_outputs(std::move(outputs));
  values.insert(values.end(), streams.begin(), streams.end());
  return values;
}

}  // namespace nitro::passes
