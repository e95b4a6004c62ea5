#include "calibrate/statistics.h"
#include "reference/product.h"

namespace nitro::calibrate {

void add_moments(passes::Moments& moments, const Tensor& tensor) {
  using reference::kPanelColumns;
  const std::vector<double> values = tensor.as<double>();
  const int64_t width = tensor.shape().back();
  const int64_t rows = tensor.elements() / width;
  const auto cells = static_cast<size_t>(width);
  moments.sums.resize(cells, 0.0);
  moments.products.resize(cells * cells, 0.0);
  moments.rows += rows;
  const auto value = [&](int64_t row, int64_t column) {
    return column < width ? values[static_cast<size_t>(row * width + column)] : 0;
  };
  const std::vector<double> columns = reference::pack_rows(
      width, rows, [&](int64_t column, int64_t row) { return value(row, column); });
  reference::multiply(
      {1, width, width, rows}, [&](int64_t) { return columns.data(); },
      [&](int64_t, int64_t column, int64_t first, int64_t count, double* panel) {
        for (int64_t i = 0; i < count * kPanelColumns; ++i)
          panel[i] = value(first + i / kPanelColumns, column + i % kPanelColumns);
      },
      [&](int64_t, int64_t column, int64_t count, const double* sums) {
        for (int64_t i = 0; i < width; ++i) {
          double* products = moments.products.data() + i * width + column;
          for (int64_t j = 0; j < count; ++j) products[j] += sums[i * kPanelColumns + j];
        }
      });
  for (size_t i = 0; i < values.size(); ++i) moments.sums[i % cells] += values[i];
}

}  // namespace nitro::calibrate
