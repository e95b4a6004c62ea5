#include "passes/lossy/select.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nitro::passes {
namespace {

/// The covariance with the penalty on its diagonal, which makes it positive definite.
Matrix with_ridge(Matrix covariance, double ridge) {
  const double mean = trace(covariance, 0, covariance.rows) / static_cast<double>(covariance.rows);
  const double penalty = std::max(ridge, 1e-9) * (mean > 0 ? mean : 1);
  for (size_t i = 0; i < covariance.rows; ++i) covariance.at(i, i) += penalty;
  return covariance;
}

Matrix identity(size_t size) {
  Matrix result(size, size);
  for (size_t i = 0; i < size; ++i) result.at(i, i) = 1;
  return result;
}

/// a @ x = b. Rounding of the file may leave `a` with a small negative eigenvalue: then more ridge.
Matrix solve(const Matrix& covariance, const Matrix& b, double ridge) {
  for (;; ridge = std::max(ridge * 10, 1e-9)) {
    if (auto found = solve_positive(with_ridge(covariance, ridge), b)) return *std::move(found);
  }
}

/// Removes groups of inputs one by one.
class Surgeon {
 public:
  Surgeon(Matrix inverse, Matrix weight, size_t group)
      : inverse_(std::move(inverse)),
        weight_(std::move(weight)),
        group_(group),
        left_(range(0, weight_.rows / group)) {}

  const std::vector<size_t>& left() const { return left_; }

  void remove_one() {
    size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < left_.size(); ++i) {
      const double cost = cost_of(members(left_[i]));
      if (cost < least) least = cost, best = i;
    }
    take_out(members(left_[best]));
    left_.erase(left_.begin() + static_cast<std::ptrdiff_t>(best));
  }

 private:
  std::vector<size_t> members(size_t group) const { return range(group * group_, group_); }

  double cost_of(const std::vector<size_t>& inputs) const {
    const Matrix w = rows_between(weight_, inputs.front(), inputs.back() + 1);
    const auto scaled = solve_positive(part(inverse_, inputs, inputs), w);
    if (!scaled) return std::numeric_limits<double>::max();
    double cost = 0;
    for (size_t i = 0; i < w.values.size(); ++i) cost += w.values[i] * scaled->values[i];
    return cost;
  }

  void take_out(const std::vector<size_t>& inputs) {
    const Matrix w = rows_between(weight_, inputs.front(), inputs.back() + 1);
    const Matrix across = rows_between(inverse_, inputs.front(), inputs.back() + 1);
    const Matrix square = part(inverse_, inputs, inputs);
    const auto for_weight = solve_positive(square, w), for_inverse = solve_positive(square, across);
    if (!for_weight || !for_inverse) return;
    for (size_t k = 0; k < inputs.size(); ++k) {
      for (size_t i = 0; i < weight_.rows; ++i) {
        const double factor = across.at(k, i);
        if (factor == 0) continue;
        for (size_t j = 0; j < weight_.columns; ++j)
          weight_.at(i, j) -= factor * for_weight->at(k, j);
        for (size_t j = 0; j < inverse_.columns; ++j)
          inverse_.at(i, j) -= factor * for_inverse->at(k, j);
      }
    }
    // What rounding leaves there would count again.
    for (size_t input : inputs) {
      for (size_t j = 0; j < inverse_.columns; ++j)
        inverse_.at(input, j) = inverse_.at(j, input) = 0;
    }
  }

  Matrix inverse_;  // of the covariance of what is left
  Matrix weight_;   // with what predictions add
  size_t group_;
  std::vector<size_t> left_;
};

std::vector<size_t> all_but(const std::vector<size_t>& kept, size_t size) {
  std::vector<size_t> others;
  std::ranges::set_difference(range(0, size), kept, std::back_inserter(others));
  return others;
}

std::vector<double> picked(const std::vector<double>& values, const std::vector<size_t>& at) {
  std::vector<double> result;
  for (size_t i : at) result.push_back(values[i]);
  return result;
}

}  // namespace

AffineFit fit_affine(const MeanCovariance& moments, const std::vector<size_t>& sources,
                     const std::vector<size_t>& targets, double ridge) {
  AffineFit fit{solve(part(moments.covariance, sources, sources),
                      part(moments.covariance, sources, targets), ridge),
                picked(moments.mean, targets)};
  for (size_t i = 0; i < sources.size(); ++i) {
    for (size_t j = 0; j < targets.size(); ++j)
      fit.bias[j] -= moments.mean[sources[i]] * fit.weight.at(i, j);
  }
  return fit;
}

Narrowed narrow(const MeanCovariance& moments, const Matrix& weight,
                const std::vector<double>& bias, size_t group, size_t keep, double ridge) {
  Surgeon surgeon(solve(moments.covariance, identity(weight.rows), ridge), weight, group);
  while (surgeon.left().size() > keep) surgeon.remove_one();
  Narrowed result;
  for (size_t each : surgeon.left()) {
    for (size_t input : range(each * group, group)) result.kept.push_back(input);
  }
  const std::vector<size_t> gone = all_but(result.kept, weight.rows);
  const AffineFit fit = fit_affine(moments, result.kept, gone, ridge);
  const Matrix gone_weight = part(weight, gone, range(0, weight.columns));
  result.weight = product(fit.weight, gone_weight);
  for (size_t k = 0; k < result.kept.size(); ++k) {
    for (size_t j = 0; j < weight.columns; ++j)
      result.weight.at(k, j) += weight.at(result.kept[k], j);
  }
  result.bias = bias;
  for (size_t i = 0; i < gone.size(); ++i) {
    for (size_t j = 0; j < weight.columns; ++j)
      result.bias[j] += fit.bias[i] * gone_weight.at(i, j);
  }
  return result;
}

}  // namespace nitro::passes
