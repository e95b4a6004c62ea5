#include "base/parallel.h"
#include "calibrate/statistics.h"

namespace nitro::calibrate {

void add_moments(passes::Moments& moments, const Tensor& tensor) {
  const std::vector<double> values = tensor.as<double>();
  const int64_t width = tensor.shape().back();
  const int64_t rows = tensor.elements() / width;
  const auto cells = static_cast<size_t>(width);
  moments.sums.resize(cells, 0.0);
  moments.products.resize(cells * cells, 0.0);
  moments.rows += rows;
  parallel_for(width, 8, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      double* products = moments.products.data() + i * width;
      for (int64_t r = 0; r < rows; ++r) {
        const double* row = values.data() + r * width;
        moments.sums[static_cast<size_t>(i)] += row[i];
        for (int64_t j = 0; j < width; ++j) products[j] += row[i] * row[j];
      }
    }
  });
}

}  // namespace nitro::calibrate
