#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "image/image.h"
#include "image/imagenet.h"

namespace nitro::image {
namespace {

/// The four source positions of one target position along an axis, edges repeated, and weights.
struct Taps {
  std::array<int64_t, 4> at;
  std::array<double, 4> weight;
};

std::array<double, 4> cubic_weights(double x) {
  constexpr double a = -0.75;
  const double far = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
  const double near = ((a + 2) * x - (a + 3)) * x * x + 1;
  const double next = ((a + 2) * (1 - x) - (a + 3)) * (1 - x) * (1 - x) + 1;
  return {far, near, next, 1 - far - near - next};
}

std::vector<Taps> taps(int64_t from, int64_t to) {
  std::vector<Taps> result;
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (int64_t i = 0; i < to; ++i) {
    const double position = (static_cast<double>(i) + 0.5) * scale - 0.5;
    const double floor = std::floor(position);
    Taps tap{{}, cubic_weights(position - floor)};
    for (int64_t k = 0; k < 4; ++k)
      tap.at[static_cast<size_t>(k)] =
          std::clamp(static_cast<int64_t>(floor) - 1 + k, int64_t{0}, from - 1);
    result.push_back(tap);
  }
  return result;
}

/// What makes 0..255 of the values of an image.
struct Stretch {
  double low = 0;
  double scale = 1;
};

Stretch stretch_of(const Image& image) {
  if (image.max_value <= 255) return {};
  const auto [least, greatest] = std::ranges::minmax(image.pixels);
  return {static_cast<double>(least), greatest > least ? 255.0 / (greatest - least) : 0};
}

/// Row `y` of one channel at the positions `xs`.
std::vector<double> narrowed(const Image& image, size_t channel, const Stretch& stretch, int64_t y,
                             const std::vector<Taps>& xs) {
  const uint16_t* pixels =
      image.pixels.data() + y * image.width * image.channels + static_cast<int64_t>(channel);
  std::vector<double> row;
  row.reserve(xs.size());
  for (const Taps& x : xs) {
    double sum = 0;
    for (size_t k = 0; k < 4; ++k) {
      // Stretched values become 8-bit by truncation, as NumPy's astype does.
      sum += x.weight[k] *
             std::floor((pixels[x.at[k] * image.channels] - stretch.low) * stretch.scale);
    }
    row.push_back(sum);
  }
  return row;
}

std::vector<double> resize(const Image& image, size_t channel, const Stretch& stretch,
                           const std::vector<Taps>& xs, const std::vector<Taps>& ys) {
  std::map<int64_t, std::vector<double>> rows;  // only those that are read: an image may be tall
  std::vector<double> result;
  result.reserve(xs.size() * ys.size());
  for (const Taps& y : ys) {
    std::array<const double*, 4> read;
    for (size_t k = 0; k < 4; ++k) {
      std::vector<double>& row = rows[y.at[k]];
      if (row.empty()) row = narrowed(image, channel, stretch, y.at[k], xs);
      read[k] = row.data();
    }
    for (size_t x = 0; x < xs.size(); ++x) {
      double sum = 0;
      for (size_t k = 0; k < 4; ++k) sum += y.weight[k] * read[k][x];
      result.push_back(std::clamp(std::nearbyint(sum), 0.0, 255.0));
    }
  }
  return result;
}

Result<void> check_fit(const Image& image, const Shape& shape) {
  if (shape.size() != 4 || shape[0] != 1 || (shape[1] != 1 && shape[1] != 3) || shape[2] < 1 ||
      shape[3] < 1) {
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("an image does not fit an input of {}", text(shape)),
                          "images are for inputs of 1x3xHxW or 1x1xHxW; give others as .npy");
  }
  if (shape[1] == 1 && image.channels != 1) {
    return fail(ErrorCode::kUsage, "a colour image does not fit an input of {}", text(shape));
  }
  return {};
}

}  // namespace

Result<Tensor> prepare_image(const Image& image, const Shape& shape, Pixels pixels) {
  TRY(check_fit(image, shape));
  const auto xs = taps(image.width, shape[3]);
  const auto ys = taps(image.height, shape[2]);
  const Stretch stretch = stretch_of(image);
  std::vector<double> plane;
  std::vector<double> values;
  for (size_t channel = 0; channel < static_cast<size_t>(shape[1]); ++channel) {
    if (channel < static_cast<size_t>(image.channels)) {
      plane = resize(image, channel, stretch, xs, ys);
    }
    for (double value : plane) {
      values.push_back(pixels == Pixels::kRaw ? value
                       : pixels == Pixels::kUnit
                           ? value / 255
                           : (value / 255 - kImageNetMean[channel]) / kImageNetDeviation[channel]);
    }
  }
  return Tensor::of(DType::kF32, shape, values);
}

}  // namespace nitro::image
