#include "optimize/grey_input.h"

#include <algorithm>

#include "image/imagenet.h"

namespace nitro::optimize {

Tensor sample_grey(const TensorType& type, InputKind kind, uint64_t seed) {
  TensorType plane = type;
  plane.shape[1] = 1;
  std::vector<double> values = sample_input(plane, kind, seed).as<double>();
  // Samples are of mean 0 and deviation 1, as normalised images are; any channel's numbers do.
  for (double& value : values) {
    value = std::clamp(value * image::kImageNetDeviation[1] + image::kImageNetMean[1], 0.0, 1.0);
  }
  return Tensor::of(plane.dtype, plane.shape, values);
}

Tensor normalized_grey(const Tensor& plane) {
  Shape shape = plane.shape();
  const std::vector<double> grey = plane.as<double>();
  const auto pixels = static_cast<size_t>(shape[2] * shape[3]);
  shape[1] = 3;
  std::vector<double> values;
  values.reserve(3 * grey.size());
  for (size_t image = 0; image < static_cast<size_t>(shape[0]); ++image) {
    for (size_t channel = 0; channel < 3; ++channel) {
      for (size_t i = 0; i < pixels; ++i) {
        values.push_back((grey[image * pixels + i] - image::kImageNetMean[channel]) /
                         image::kImageNetDeviation[channel]);
      }
    }
  }
  return Tensor::of(plane.dtype(), shape, values);
}

}  // namespace nitro::optimize
