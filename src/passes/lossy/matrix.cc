#include "passes/lossy/matrix.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nitro::passes {

Matrix transposed(const Matrix& matrix) {
  Matrix result(matrix.columns, matrix.rows);
  for (size_t i = 0; i < matrix.rows; ++i) {
    for (size_t j = 0; j < matrix.columns; ++j) result.at(j, i) = matrix.at(i, j);
  }
  return result;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix result(a.rows, b.columns);
  for (size_t i = 0; i < a.rows; ++i) {
    for (size_t k = 0; k < a.columns; ++k) {
      const double factor = a.at(i, k);
      const double* source = b.row(k);
      double* target = result.row(i);
      for (size_t j = 0; j < b.columns; ++j) target[j] += factor * source[j];
    }
  }
  return result;
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

std::optional<Matrix> solve_positive(Matrix a, Matrix b) {
  const size_t size = a.rows;
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j <= i; ++j) {
      double rest = a.at(i, j);
      for (size_t k = 0; k < j; ++k) rest -= a.at(i, k) * a.at(j, k);
      if (i == j) {
        if (!(rest > 0)) return std::nullopt;
        a.at(i, i) = std::sqrt(rest);
      } else {
        a.at(i, j) = rest / a.at(j, j);
      }
    }
  }
  const auto subtract = [&](size_t from, size_t to, double factor) {
    for (size_t j = 0; j < b.columns; ++j) b.at(to, j) -= factor * b.at(from, j);
  };
  const auto divide = [&](size_t i) {
    for (size_t j = 0; j < b.columns; ++j) b.at(i, j) /= a.at(i, i);
  };
  for (size_t i = 0; i < size; ++i) {
    for (size_t k = 0; k < i; ++k) subtract(k, i, a.at(i, k));
    divide(i);
  }
  for (size_t i = size; i-- > 0;) {
    for (size_t k = i + 1; k < size; ++k) subtract(k, i, a.at(k, i));
    divide(i);
  }
  return b;
}

namespace {

double off_diagonal(const Matrix& matrix) {
  double sum = 0;
  for (size_t i = 0; i < matrix.rows; ++i) {
    for (size_t j = 0; j < i; ++j) sum += matrix.at(i, j) * matrix.at(i, j);
  }
  return sum;
}

/// Turns rows p and q of `matrix` by the angle with this cosine and sine.
void turn_rows(Matrix& matrix, size_t p, size_t q, double cosine, double sine) {
  double *a = matrix.row(p), *b = matrix.row(q);
  for (size_t k = 0; k < matrix.columns; ++k) {
    const double x = a[k], y = b[k];
    a[k] = cosine * x - sine * y;
    b[k] = sine * x + cosine * y;
  }
}

/// Makes the element (p, q) of a symmetric matrix zero; `vectors` has eigenvectors as rows.
void rotate(Matrix& matrix, Matrix& vectors, size_t p, size_t q) {
  const double theta = (matrix.at(q, q) - matrix.at(p, p)) / (2 * matrix.at(p, q));
  const double tangent = std::copysign(1 / (std::abs(theta) + std::hypot(theta, 1.0)), theta);
  const double cosine = 1 / std::hypot(tangent, 1.0), sine = tangent * cosine;
  turn_rows(matrix, p, q, cosine, sine);
  for (size_t k = 0; k < matrix.rows; ++k) {
    const double x = matrix.at(k, p), y = matrix.at(k, q);
    matrix.at(k, p) = cosine * x - sine * y;
    matrix.at(k, q) = sine * x + cosine * y;
  }
  turn_rows(vectors, p, q, cosine, sine);
}

}  // namespace

Eigen symmetric_eigen(Matrix matrix) {
  const size_t size = matrix.rows;
  Matrix vectors(size, size);
  double diagonal = 0;
  for (size_t i = 0; i < size; ++i) {
    vectors.at(i, i) = 1;
    diagonal += matrix.at(i, i) * matrix.at(i, i);
  }
  constexpr int kMostSweeps = 30;
  for (int sweep = 0; sweep < kMostSweeps; ++sweep) {
    const double rest = off_diagonal(matrix);
    if (rest <= 1e-24 * diagonal) break;
    const double small = std::sqrt(1e-26 * diagonal) / static_cast<double>(size);
    for (size_t p = 0; p < size; ++p) {
      for (size_t q = p + 1; q < size; ++q) {
        if (std::abs(matrix.at(p, q)) > small) rotate(matrix, vectors, p, q);
      }
    }
  }
  std::vector<size_t> order = range(0, size);
  std::ranges::sort(order, std::greater{}, [&](size_t i) { return matrix.at(i, i); });
  Eigen result{{}, transposed(part(vectors, order, range(0, size)))};
  for (size_t i : order) result.values.push_back(matrix.at(i, i));
  return result;
}

}  // namespace nitro::passes
