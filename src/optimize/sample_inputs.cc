#include "optimize/sample_inputs.h"

#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "base/random.h"

namespace nitro::optimize {
namespace {

/// A plane wave whose strength falls with its frequency, as in photographs.
struct Wave {
  double fx, fy, phase, strength;
};

std::vector<double> natural_plane(int64_t height, int64_t width, Random& random) {
  std::vector<Wave> waves;
  for (int i = 0; i < 24; ++i) {
    const double frequency = std::exp2(random.uniform(0, 6));
    const double angle = random.uniform(0, 2 * std::numbers::pi);
    waves.push_back({frequency * std::cos(angle), frequency * std::sin(angle),
                     random.uniform(0, 2 * std::numbers::pi), 1 / frequency});
  }
  const double edge_x = random.uniform(0.2, 0.8), edge_y = random.uniform(0.2, 0.8);
  const double step = random.uniform(-1, 1);
  std::vector<double> plane;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const double u = static_cast<double>(x) / static_cast<double>(width);
      const double v = static_cast<double>(y) / static_cast<double>(height);
      double value = u > edge_x && v > edge_y ? step : 0;
      for (const Wave& wave : waves) {
        value += wave.strength *
                 std::cos(2 * std::numbers::pi * (wave.fx * u + wave.fy * v) + wave.phase);
      }
      plane.push_back(value);
    }
  }
  return plane;
}

}  // namespace

std::string_view name(InputKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"random", "natural", "given"};
  return kNames[std::to_underlying(kind)];
}

Tensor sample_input(const TensorType& type, InputKind kind, uint64_t seed) {
  Random random(seed);
  std::vector<double> values;
  const bool image =
      type.rank() == 4 && (type.shape[1] == 1 || type.shape[1] == 3) && is_float(type.dtype);
  if (kind != InputKind::kRandom && image) {
    for (int64_t plane = 0; plane < type.shape[0] * type.shape[1]; ++plane) {
      const std::vector<double> part = natural_plane(type.shape[2], type.shape[3], random);
      values.insert(values.end(), part.begin(), part.end());
    }
  } else {
    const int64_t count = type.elements();
    values.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) {
      values.push_back(is_float(type.dtype) ? random.normal()
                                            : static_cast<double>(random.below(2)));
    }
  }
  return Tensor::of(type.dtype, type.shape, values);
}

}  // namespace nitro::optimize
