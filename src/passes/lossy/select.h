#pragma once

#include <vector>

#include "passes/lossy/points.h"

namespace nitro::passes {

/// The penalty of least squares by default, as a share of the mean variance.
inline constexpr double kRidge = 1e-3;

/// A linear layer y = x @ weight + bias that reads only some of its inputs.
struct Narrowed {
  std::vector<size_t> kept;  // inputs, ascending
  Matrix weight;             // [kept, out]
  std::vector<double> bias;  // [out]
};

/// Takes away inputs in groups of `group` neighbours until `keep` groups are left, and lets those
/// that are left predict the others, by least squares with a penalty of `ridge` times the mean
/// variance. Each time the group whose loss costs the output least, with that prediction, goes:
/// Hassibi and Stork, "Second order derivatives for network pruning: optimal brain surgeon", 1993.
Narrowed narrow(const MeanCovariance& moments, const Matrix& weight,
                const std::vector<double>& bias, size_t group, size_t keep, double ridge);

/// Least squares of targets by sources: targets = sources @ weight + bias.
struct AffineFit {
  Matrix weight;             // [sources, targets]
  std::vector<double> bias;  // [targets]
};
/// `sources` and `targets` index the values of `moments`.
AffineFit fit_affine(const MeanCovariance& moments, const std::vector<size_t>& sources,
                     const std::vector<size_t>& targets, double ridge);

}  // namespace nitro::passes
