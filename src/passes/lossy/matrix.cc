#include "passes/lossy/matrix.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <numeric>

namespace nitro::passes {
namespace {

using Dense = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Map<const Dense> view(const Matrix& matrix) {
  return {matrix.values.data(), static_cast<Eigen::Index>(matrix.rows),
          static_cast<Eigen::Index>(matrix.columns)};
}

Eigen::Map<Dense> view(Matrix& matrix) {
  return {matrix.values.data(), static_cast<Eigen::Index>(matrix.rows),
          static_cast<Eigen::Index>(matrix.columns)};
}

}  // namespace

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns, matrix.rows);
  for (size_t i = 0; i < matrix.rows; ++i) {
    for (size_t j = 0; j < matrix.columns; ++j) result.at(j, i) = matrix.at(i, j);
  }
  return result;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result(a.rows, b.columns);
  view(result).noalias() = view(a) * view(b);
  return result;
}

double trace(const Matrix& matrix, size_t begin, size_t end) {
  double sum = 0;
  for (size_t i = begin; i < end; ++i) sum += matrix.at(i, i);
  return sum;
}

Matrix part(const Matrix& matrix, const std::vector<size_t>& rows,
            const std::vector<size_t>& columns) {
  Matrix result(rows.size(), columns.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < columns.size(); ++j) result.at(i, j) = matrix.at(rows[i], columns[j]);
  }
  return result;
}

Matrix rows_between(const Matrix& matrix, size_t begin, size_t end) {
  Matrix result(end - begin, matrix.columns);
  std::copy(matrix.row(begin), matrix.row(end), result.values.begin());
  return result;
}

std::vector<size_t> range(size_t first, size_t count) {
  std::vector<size_t> result(count);
  std::iota(result.begin(), result.end(), first);
  return result;
}

std::optional<Matrix> solve_positive(const Matrix& a, Matrix b) {
  const Eigen::LLT<Dense> factors(view(a));
  if (factors.info() != Eigen::Success) return std::nullopt;
  factors.solveInPlace(view(b));
  return b;
}

Spectrum symmetric_spectrum(const Matrix& matrix) {
  const Eigen::SelfAdjointEigenSolver<Dense> solver(view(matrix));
  Spectrum result{{}, Matrix(matrix.rows, matrix.rows)};
  view(result.vectors) = solver.eigenvectors().rowwise().reverse();
  const auto& values = solver.eigenvalues();  // smallest first
  result.values.assign(std::reverse_iterator(values.data() + values.size()),
                       std::reverse_iterator(values.data()));
  return result;
}

}  // namespace nitro::passes
