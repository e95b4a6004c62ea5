#include "predict/calibrate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "predict/benchmarks.h"
#include "predict/prediction.h"

namespace nitro::predict {
namespace {

/// As the benchmarks would be measured on a device of these rates, with noise.
class Simulation {
 public:
  Simulation(Device device, Runtime runtime, Rates truth, double noise, uint32_t seed)
      : device_(std::move(device)),
        runtime_(std::move(runtime)),
        truth_(truth),
        noise_(0, noise),
        random_(seed) {}

  std::vector<MeasuredNet> measure(const std::vector<Benchmark>& list) {
    std::vector<MeasuredNet> nets;
    for (const Benchmark& benchmark : list) {
      const Graph graph = *benchmark.make();
      for (Precision precision : {Precision::kFp16, Precision::kFp32}) {
        if (precision == Precision::kFp32 && (!benchmark.single || device_.has_tensor_cores()))
          continue;
        MeasuredNet& net = nets.emplace_back();
        net.name = benchmark.name;
        net.family = benchmark.family;
        net.precision = precision;
        net.device = device_;
        const auto prediction = predict(graph, {device_, runtime_, precision});
        for (const PredictedLayer& layer : prediction->layers) net.layers.push_back(layer.layer);
        net.measured_ns = predicted_ns(net, {truth_}) * std::exp(noise_(random_));
      }
    }
    return nets;
  }

 private:
  Device device_;
  Runtime runtime_;
  Rates truth_;
  std::normal_distribution<double> noise_;
  std::mt19937 random_;
};

Rates times(const Rates& rates, double factor) {
  Rates moved = rates;
  bool up = true;
  for_each_rate(moved, [&](std::string_view, double& rate, double) {
    rate *= up ? factor : 1 / factor;
    up = !up;
  });
  return moved;
}

/// Those of one image, in FP16.
std::vector<Benchmark> some_networks() {
  std::vector<Benchmark> some = benchmark_networks();
  std::erase_if(some, [](const Benchmark& network) { return network.name != network.family; });
  for (Benchmark& network : some) network.single = false;
  return some;
}

/// Of a device whose rates are others than those that ship, what is found.
Calibration calibrated(const Device& device, const std::string& name, uint32_t seed) {
  const Runtime& runtime = **find_runtime(name);
  Rates truth = times(runtime.rates, 1.5);
  truth.blend = runtime.rates.blend;
  Simulation simulation(device, runtime, truth, 0.02, seed);
  const std::vector<MeasuredNet> micro = simulation.measure(benchmarks());
  const std::vector<MeasuredNet> networks = simulation.measure(some_networks());
  return calibrate(micro, networks, runtime);
}

struct Case {
  std::string device;
  std::string runtime;
};
class CalibrateTest : public testing::TestWithParam<Case> {};

TEST_P(CalibrateTest, FindsTheRatesOfADeviceByNoisyMeasurements) {
  const uint32_t seed = std::random_device{}();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  const Calibration found = calibrated(*find_device(GetParam().device), GetParam().runtime, seed);
  EXPECT_LT(found.held_out.median, 0.06);
  EXPECT_LT(found.held_out.median, found.before.median);
  EXPECT_GE(found.rates.spread, 0.02);
  EXPECT_LT(found.rates.spread, 0.12);
  for (const CalibrationRow& row : found.rows)
    EXPECT_NEAR(row.after_ns / row.net.measured_ns, 1, 0.15) << row.net.name;
}

INSTANTIATE_TEST_SUITE_P(Devices, CalibrateTest,
                         testing::Values(Case{"jetson-nano", "nitro"},
                                         Case{"jetson-nano", "tensorrt-8"},
                                         Case{"jetson-orin-nano", "tensorrt-8"}));

TEST(Calibrate, ItsSpreadIsTheErrorOfNetworksHeldOut) {
  const Device nano = *find_device("jetson-nano");
  const Runtime& runtime = **find_runtime("tensorrt-8");
  Simulation simulation(nano, runtime, runtime.rates, 1e-9, 1);
  const std::vector<MeasuredNet> micro = simulation.measure(benchmarks());
  std::vector<MeasuredNet> networks = simulation.measure(some_networks());
  for (MeasuredNet& net : networks) {  // what no rate explains
    if (net.family == "edgevl-vit-s") net.measured_ns *= 2;
  }
  const Calibration found = calibrate(micro, networks, runtime);
  EXPECT_GT(found.rates.spread, 0.3);
  EXPECT_EQ(found.held_out.count, networks.size());
}

TEST(Benchmarks, EveryKindOfLayerIsInSome) {
  for (const Runtime& runtime : runtimes()) {
    std::array<int, kFamilies> counts{};
    for (const Benchmark& benchmark : benchmarks()) {
      const auto graph = benchmark.make();
      ASSERT_TRUE(graph.has_value()) << benchmark.name << ": " << graph.error().text();
      const auto prediction = predict(*graph, {.runtime = runtime});
      ASSERT_TRUE(prediction.has_value()) << benchmark.name;
      EXPECT_TRUE(prediction->unknown.empty()) << benchmark.name;
      ASSERT_FALSE(prediction->layers.empty()) << benchmark.name;
      EXPECT_LT(prediction->weight_bytes, 64e6) << benchmark.name;
      for (const PredictedLayer& layer : prediction->layers)
        ++counts[static_cast<size_t>(layer.layer.family)];
    }
    for (size_t i = 0; i < kFamilies; ++i) {
      // Nitro's own loops are of three kinds.
      const auto family = static_cast<Family>(i);
      const bool own = family == Family::kPointwise || family == Family::kVector ||
                       family == Family::kProduct || family == Family::kDepthwise ||
                       family == Family::kReduce || family == Family::kElementwise;
      if (own || !runtime.own_plan) {
        EXPECT_GE(counts[i], 4) << runtime.name << ": " << name(family);
      }
    }
  }
}

}  // namespace
}  // namespace nitro::predict
