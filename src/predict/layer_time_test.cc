#include "predict/layer_time.h"

#include <gtest/gtest.h>

#include <cmath>

namespace nitro::predict {
namespace {

Device nano() {
  const auto device = find_device("jetson-nano");
  EXPECT_TRUE(device.has_value());
  return *device;
}

/// A 3x3 convolution of whole tiles.
Layer convolution() {
  Layer layer;
  layer.family = Family::kConvolution;
  layer.product = {.rows = 3136 - 64, .columns = 128, .inner = 1152, .taps = 9};
  layer.flops = 2.0 * 3072 * 128 * 1152;
  layer.elements_read = 3136 * 128;
  layer.elements_written = 3072 * 128;
  layer.weights_read = 1152 * 128;
  return layer;
}

TEST(LayerTime, ArithmeticOfWholeTilesAtItsShareOfThePeak) {
  const Rates rates{.inner_overhead = 1e-9};
  const LayerTime time = layer_time(convolution(), nano(), rates, Precision::kFp16);
  EXPECT_NEAR(time.arithmetic_ns, convolution().flops / (471.9e9 * rates.convolution) * 1e9, 2e3);
  EXPECT_NEAR(time.memory_ns, (3136 + 3072 + 1152) * 128 * 2 / (25.6 * rates.product_bandwidth), 1);
  EXPECT_GE(time.total_ns, std::max(time.arithmetic_ns, time.memory_ns) + time.fixed_ns);
}

TEST(LayerTime, NoLayerIsFasterThanThePeaks) {
  const Rates rates;
  for (Family family : {Family::kConvolution, Family::kPointwise, Family::kProduct}) {
    Layer layer = convolution();
    layer.family = family;
    for (Precision precision : {Precision::kFp16, Precision::kFp32}) {
      const LayerTime time = layer_time(layer, nano(), rates, precision);
      EXPECT_GT(time.total_ns, layer.flops / nano().flops(precision) * 1e9);
    }
  }
}

TEST(LayerTime, WinogradNeedsFewerMultiplications) {
  Layer layer = convolution();
  const double direct = layer_time(layer, nano(), {}, Precision::kFp16).arithmetic_ns;
  layer.product.winograd = true;
  const double winograd = layer_time(layer, nano(), {}, Precision::kFp16).arithmetic_ns;
  EXPECT_NEAR(direct / winograd, 2.25 * 0.5 / 0.7, 1e-9);
}

TEST(LayerTime, RowsBeyondATileCostAnother) {
  const auto time = [](int64_t rows) {
    Layer layer = convolution();
    layer.product.rows = rows;
    return layer_time(layer, nano(), {}, Precision::kFp16).arithmetic_ns;
  };
  EXPECT_EQ(time(97), time(128));
  EXPECT_GT(time(129), time(128));
}

TEST(LayerTime, AWaveOfTilesTakesAsLongAsOneTile) {
  Device device = nano();
  device.multiprocessors = 4;
  device.gpu_mhz /= 4;                       // as many FLOPs
  const Rates rates{.inner_overhead = 1e4};  // too much for dividing the inner axis to help
  const auto time = [&](int64_t tiles) {
    Layer layer = convolution();
    layer.product.rows = 128 * tiles;
    return layer_time(layer, device, rates, Precision::kFp16).arithmetic_ns;
  };
  EXPECT_EQ(time(4), time(3));
  EXPECT_NEAR(time(8) / time(4), 2, 1e-9);
  EXPECT_GT(time(5), 1.1 * time(4));
}

TEST(LayerTime, Tf32ComputesProductsButNothingElse) {
  const Device orin = *find_device("jetson-orin-nano");
  Device without = orin;
  without.tf32_per_clock = 0;
  Layer layer = convolution();
  const auto ratio = [&] {
    return layer_time(layer, without, {}, Precision::kFp32).arithmetic_ns /
           layer_time(layer, orin, {}, Precision::kFp32).arithmetic_ns;
  };
  EXPECT_NEAR(ratio(), 4, 1e-9);
  layer.family = Family::kPool;
  EXPECT_EQ(ratio(), 1);
}

TEST(LayerTime, DepthwiseConvolutionsAreTheSameInBothPrecisionsWithoutTensorCores) {
  Layer layer;
  layer.family = Family::kDepthwise;
  layer.product = {.batch = 64, .rows = 784, .columns = 1, .inner = 9, .taps = 9};
  layer.flops = 2.0 * 64 * 784 * 9;
  layer.elements_read = layer.elements_written = 64 * 784;
  EXPECT_EQ(layer_time(layer, nano(), {}, Precision::kFp16).total_ns,
            layer_time(layer, nano(), {}, Precision::kFp32).total_ns);
  const Device xavier = *find_device("jetson-xavier-nx");
  EXPECT_LT(layer_time(layer, xavier, {}, Precision::kFp16).memory_ns,
            layer_time(layer, xavier, {}, Precision::kFp32).memory_ns);
}

LayerTime lasting(double device_ns, double host_ns) {
  return {.total_ns = device_ns, .enqueue_ns = host_ns};
}

TEST(Frame, TheDeviceWaitsForTheHostOrTheOtherWayRound) {
  std::vector<double> waits;
  const std::vector<LayerTime> small(4, lasting(1, 10));
  EXPECT_EQ(frame_ns(small, &waits), 41);
  EXPECT_EQ(waits, (std::vector<double>{10, 9, 9, 9}));
  const std::vector<LayerTime> large(4, lasting(10, 1));
  EXPECT_EQ(frame_ns(large), 41);
}

TEST(Frame, ALongLayerHidesTheHost) {
  EXPECT_EQ(frame_ns(std::vector{lasting(100, 10), lasting(1, 10), lasting(1, 10)}), 112);
  EXPECT_EQ(frame_ns({}), 0);
}

}  // namespace
}  // namespace nitro::predict
