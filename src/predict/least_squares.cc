#include "predict/least_squares.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace nitro::predict {
namespace {

constexpr double kStep = 1e-4;  // of numerical derivatives
constexpr double kGain = 1e-6;  // smaller ones end the search
constexpr int kMostTries = 10;  // of one step, with ever more damping

using Vector = std::vector<double>;

double squares(const Vector& values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

/// J^T J and J^T r.
struct NormalEquations {
  std::vector<Vector> matrix;
  Vector gradient;
};

NormalEquations linearise(const Residuals& residuals, const Vector& point, const Vector& at) {
  const size_t n = point.size();
  std::vector<Vector> columns;
  for (size_t i = 0; i < n; ++i) {
    Vector moved = point;
    moved[i] += kStep;
    Vector column = residuals(moved);
    for (size_t k = 0; k < column.size(); ++k) column[k] = (column[k] - at[k]) / kStep;
    columns.push_back(std::move(column));
  }
  NormalEquations equations;
  equations.matrix.resize(n, point);
  for (size_t i = 0; i < n; ++i) {
    equations.gradient.push_back(std::inner_product(at.begin(), at.end(), columns[i].begin(), 0.0));
    for (size_t j = 0; j <= i; ++j) {
      equations.matrix[i][j] = equations.matrix[j][i] =
          std::inner_product(columns[i].begin(), columns[i].end(), columns[j].begin(), 0.0);
    }
  }
  return equations;
}

/// The solution of a symmetric positive definite system by Cholesky's factors; nothing where it is
/// not.
std::optional<Vector> solve(std::vector<Vector> a, Vector b) {
  const size_t n = b.size();
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double sum = a[i][j];
      for (size_t k = 0; k < j; ++k) sum -= a[i][k] * a[j][k];
      if (i == j && !(sum > 0)) return std::nullopt;
      a[i][j] = i == j ? std::sqrt(sum) : sum / a[j][j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < i; ++k) b[i] -= a[i][k] * b[k];
    b[i] /= a[i][i];
  }
  for (size_t i = n; i-- > 0;) {
    for (size_t k = i + 1; k < n; ++k) b[i] -= a[k][i] * b[k];
    b[i] /= a[i][i];
  }
  return b;
}

}  // namespace

Vector least_squares(const Residuals& residuals, Vector point, int most_steps) {
  Vector at = residuals(point);
  double sum = squares(at);
  double damping = 1e-2;
  for (int step = 0; step < most_steps; ++step) {
    const NormalEquations equations = linearise(residuals, point, at);
    double gain = 0;
    for (int attempt = 0; attempt < kMostTries && gain == 0; ++attempt) {
      NormalEquations damped = equations;
      for (size_t i = 0; i < point.size(); ++i) {
        damped.matrix[i][i] += damping * (equations.matrix[i][i] + 1e-9);
        damped.gradient[i] = -equations.gradient[i];
      }
      damping *= 4;
      const std::optional<Vector> move = solve(std::move(damped.matrix), damped.gradient);
      if (!move) continue;
      Vector moved = point;
      for (size_t i = 0; i < point.size(); ++i) moved[i] += (*move)[i];
      Vector there = residuals(moved);
      const double less = squares(there);
      if (!(less < sum)) continue;
      gain = (sum - less) / sum;
      point = std::move(moved);
      at = std::move(there);
      sum = less;
      damping = std::max(damping / 20, 1e-9);
    }
    if (gain < kGain) break;
  }
  return point;
}

}  // namespace nitro::predict
