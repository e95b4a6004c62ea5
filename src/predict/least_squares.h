#pragma once

#include <functional>
#include <vector>

namespace nitro::predict {

/// Residuals at a point; always as many.
using Residuals = std::function<std::vector<double>(const std::vector<double>& point)>;

/// A point with a small sum of squared residuals, from `start` on: Levenberg's and Marquardt's
/// method with numerical derivatives (Marquardt, "An Algorithm for Least-Squares Estimation of
/// Nonlinear Parameters", 1963). At most `most_steps` steps; ends earlier when one gains less than
/// a millionth.
std::vector<double> least_squares(const Residuals& residuals, std::vector<double> start,
                                  int most_steps = 60);

}  // namespace nitro::predict
