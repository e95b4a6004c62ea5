#include "zoo/preprocess.h"

#include <gtest/gtest.h>

#include <random>

#include "reference/executor.h"

namespace nitro::zoo {
namespace {

const Entry kTiny{"tiny", "", VitSize{.width = 32, .heads = 2, .layers = 1}};
constexpr double kMean[] = {0.485, 0.456, 0.406};
constexpr double kDeviation[] = {0.229, 0.224, 0.225};
constexpr int64_t kPixels = kImageSize * kImageSize;

Tensor embedding(const Options& options, const Tensor& image) {
  const Graph graph = build(kTiny, options).value();
  return reference::execute(graph, std::vector{image}).value().front();
}

/// Pixels of 0..255 as a camera delivers them.
std::vector<double> pixels(int64_t channels) {
  std::mt19937 random(11);
  std::vector<double> values(static_cast<size_t>(2 * channels * kPixels));
  for (double& value : values) value = static_cast<double>(random() % 256);
  return values;
}

/// What EdgeVL computes outside the graph, two images of `channels` channels.
std::vector<double> normalised(const std::vector<double>& raw, int64_t channels) {
  std::vector<double> values;
  for (int64_t image = 0; image < 2; ++image) {
    for (int64_t channel = 0; channel < 3; ++channel) {
      const int64_t source = image * channels + (channels == 1 ? 0 : channel);
      for (int64_t i = 0; i < kPixels; ++i) {
        const double pixel = raw[static_cast<size_t>(source * kPixels + i)];
        values.push_back((pixel / 255 - kMean[channel]) / kDeviation[channel]);
      }
    }
  }
  return values;
}

TEST(Preprocess, InTheGraphEqualsOutsideOfIt) {
  for (const Modality modality : {Modality::kRgb, Modality::kDepth, Modality::kIr}) {
    const int64_t channels = modality == Modality::kRgb ? 3 : 1;
    const std::vector<double> raw = pixels(channels);
    const Tensor inside =
        embedding({.batch = 2, .modality = modality, .preprocessing = Preprocessing::kInGraph},
                  Tensor::of(DType::kF32, {2, channels, kImageSize, kImageSize}, raw));
    const Tensor outside = embedding(
        {.batch = 2},
        Tensor::of(DType::kF32, {2, 3, kImageSize, kImageSize}, normalised(raw, channels)));
    const auto a = inside.data<float>();
    const auto b = outside.data<float>();
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-5) << i;
  }
}

}  // namespace
}  // namespace nitro::zoo
