#include "passes/lossy/matrix.h"

#include "passes/testing.h"

namespace nitro::passes {
namespace {

Matrix random_matrix(Random& random, size_t rows, size_t columns) {
  Matrix matrix(rows, columns);
  matrix.values = random_values(random, static_cast<int64_t>(rows * columns));
  return matrix;
}

void expect_near(const Matrix& a, const Matrix& b, double tolerance) {
  ASSERT_EQ(a.values.size(), b.values.size());
  for (size_t i = 0; i < a.values.size(); ++i) EXPECT_NEAR(a.values[i], b.values[i], tolerance);
}

TEST(Matrix, SolvesWhatItMultiplied) {
  Random random(3);
  for (size_t size : {1, 2, 7, 20}) {
    const Matrix square = random_matrix(random, size, size);
    Matrix positive = product(square, transposed(square));
    for (size_t i = 0; i < size; ++i) positive.at(i, i) += 0.1;
    const Matrix x = random_matrix(random, size, 3);
    const auto solved = solve_positive(positive, product(positive, x));
    ASSERT_TRUE(solved.has_value());
    expect_near(*solved, x, 1e-8);
  }
}

TEST(Matrix, DoesNotSolveWhatIsNotPositiveDefinite) {
  Matrix matrix(2, 2);
  matrix.values = {1, 2, 2, 1};
  EXPECT_FALSE(solve_positive(matrix, Matrix(2, 1)).has_value());
  EXPECT_FALSE(solve_positive(Matrix(2, 2), Matrix(2, 1)).has_value());
}

TEST(Matrix, EigenvectorsMakeItDiagonal) {
  Random random(5);
  for (size_t size : {1, 2, 9, 40}) {
    const Matrix square = random_matrix(random, size, size / 2 + 1);
    const Matrix matrix = product(square, transposed(square));
    const Spectrum spectrum = symmetric_spectrum(matrix);
    EXPECT_TRUE(std::ranges::is_sorted(spectrum.values, std::greater{}));
    Matrix diagonal(size, size);
    for (size_t i = 0; i < size; ++i) diagonal.at(i, i) = spectrum.values[i];
    expect_near(product(spectrum.vectors, product(diagonal, transposed(spectrum.vectors))), matrix,
                1e-9);
  }
}

}  // namespace
}  // namespace nitro::passes
