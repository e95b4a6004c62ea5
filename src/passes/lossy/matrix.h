#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "ir/tensor.h"

namespace nitro::passes {

/// A dense matrix in double, row by row.
struct Matrix {
  Matrix() = default;
  Matrix(size_t row_count, size_t column_count)
      : rows(row_count), columns(column_count), values(row_count * column_count, 0.0) {}

  double* row(size_t i) { return values.data() + i * columns; }
  const double* row(size_t i) const { return values.data() + i * columns; }
  double& at(size_t i, size_t j) { return values[i * columns + j]; }
  double at(size_t i, size_t j) const { return values[i * columns + j]; }

  size_t rows = 0;
  size_t columns = 0;
  std::vector<double> values;
};

Matrix transposed(const Matrix& matrix);
Matrix product(const Matrix& a, const Matrix& b);
/// The sum of the elements begin … end - 1 of the diagonal.
double trace(const Matrix& matrix, size_t begin, size_t end);
/// The elements at these rows and columns.
Matrix part(const Matrix& matrix, const std::vector<size_t>& rows,
            const std::vector<size_t>& columns);
/// Rows begin … end - 1, all columns.
Matrix rows_between(const Matrix& matrix, size_t begin, size_t end);
/// first, first + 1 … first + count - 1
std::vector<size_t> range(size_t first, size_t count);

/// x with a @ x = b for a symmetric positive definite `a`, by Cholesky's method; nothing where `a`
/// is not so.
std::optional<Matrix> solve_positive(const Matrix& a, Matrix b);

struct Spectrum {
  std::vector<double> values;  // eigenvalues, greatest first
  Matrix vectors;              // column i belongs to value i
};
/// Of a symmetric matrix.
Spectrum symmetric_spectrum(const Matrix& matrix);

}  // namespace nitro::passes
