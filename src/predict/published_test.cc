#include <gtest/gtest.h>

#include <cmath>

#include "predict/fit_rates.h"
#include "predict/nas_bench_201.h"
#include "predict/prediction_error.h"

namespace nitro::predict {
namespace {

const std::filesystem::path kPublished =
    std::filesystem::path(NITRO_SOURCE_DIR) / "src/predict/published";
/// Of the cells of NAS-Bench-201 that are in the file: those of tests, and those that the shipped
/// rates were fitted to.
constexpr size_t kCellStep = 12;
constexpr size_t kFittedStep = 4;

std::vector<double> measured(const std::vector<MeasuredNet>& nets) {
  std::vector<double> list;
  for (const MeasuredNet& net : nets) list.push_back(net.measured_ns);
  return list;
}

TEST(Published, LatenciesOfTheNanoWithTheirFamiliesHeldOut) {
  std::vector<MeasuredNet> nets = *read_latencies(kPublished);
  ASSERT_GE(nets.size(), 75U);
  const size_t published = nets.size();
  const auto cells = read_nas_bench_201(kPublished / "nas_bench_201.csv", kCellStep);
  ASSERT_TRUE(cells.has_value()) << cells.error().text();
  nets.insert(nets.end(), cells->begin(), cells->end());
  std::vector<double> held_out = cross_validated_ns(nets);

  std::vector<MeasuredNet> half;
  std::vector<double> predicted;
  for (size_t i = 0; i < published; ++i) {
    if (nets[i].precision != Precision::kFp16) continue;
    half.push_back(nets[i]);
    predicted.push_back(held_out[i]);
  }
  const PredictionError error = prediction_error(predicted, measured(half));
  EXPECT_LE(error.median, 0.15);
  EXPECT_GE(error.within_30, 0.9);
  const double covered = coverage(half, predicted);
  EXPECT_GE(covered, 0.8);
  EXPECT_LE(covered, 0.95);
}

/// Against those that the program has.
void expect_shipped(const Fit& fit, std::string_view runtime) {
  std::vector<double> numbers;
  for_each_rate((*find_runtime(runtime))->rates,
                [&](auto, double rate, double) { numbers.push_back(rate); });
  size_t i = 0;
  for_each_rate(fit.rates, [&](std::string_view name, double rate, double) {
    EXPECT_NEAR(rate / numbers[i++], 1, 0.01) << runtime << ", " << name;
  });
}

TEST(Published, TheShippedRatesAreThoseOfTheMeasurements) {
  std::vector<MeasuredNet> nets = *read_latencies(kPublished);
  const auto cells = *read_nas_bench_201(kPublished / "nas_bench_201.csv", kFittedStep);
  nets.insert(nets.end(), cells.begin(), cells.end());
  expect_shipped(fit_rates(nets), "tensorrt-8");
  expect_shipped(fit_rates(*read_latencies(kPublished / "volta")), "tensorrt-8-volta");
  expect_shipped(fit_rates(*read_latencies(kPublished / "ampere")), "tensorrt-10-ampere");
}

/// Of networks in FP16, their families held out.
PredictionError held_out_error(const std::filesystem::path& folder) {
  const std::vector<MeasuredNet> nets = *read_latencies(folder);
  const std::vector<double> held_out = cross_validated_ns(nets);
  std::vector<double> predicted, wanted;
  for (size_t i = 0; i < nets.size(); ++i) {
    if (nets[i].precision != Precision::kFp16) continue;
    predicted.push_back(held_out[i]);
    wanted.push_back(nets[i].measured_ns);
  }
  return prediction_error(predicted, wanted);
}

TEST(Published, LatenciesOfTensorCoresWithTheirFamiliesHeldOut) {
  const PredictionError volta = held_out_error(kPublished / "volta");
  EXPECT_GE(volta.count, 38U);
  EXPECT_LE(volta.median, 0.1);
  EXPECT_GE(volta.within_30, 0.9);
  const PredictionError ampere = held_out_error(kPublished / "ampere");
  EXPECT_GE(ampere.count, 29U);
  EXPECT_LE(ampere.median, 0.25);
  EXPECT_GE(ampere.spearman, 0.95);
}

TEST(Published, CellsOfNasBench201AreRankedByWhatOtherNetworksSay) {
  std::vector<MeasuredNet> nets = *read_latencies(kPublished);
  const std::vector<MeasuredNet> cells =
      *read_nas_bench_201(kPublished / "nas_bench_201.csv", kCellStep);
  const Fit fit = fit_rates(nets);
  std::vector<double> predicted;
  for (const MeasuredNet& net : cells) predicted.push_back(predicted_ns(net, fit));
  EXPECT_GE(prediction_error(predicted, measured(cells)).spearman, 0.95);
}

TEST(Published, SingleLayersOfTheTx1WithTheirNetworkHeldOut) {
  const auto layers = read_tx1_layers(kPublished);
  ASSERT_TRUE(layers.has_value()) << layers.error().text();
  const PredictionError error = prediction_error(cross_validated_ns(*layers), measured(*layers));
  EXPECT_EQ(error.count, 666U);
  EXPECT_LE(error.median, 0.2);
}

TEST(Published, FilesThatDoNotFitAreRefused) {
  EXPECT_FALSE(read_latencies("/nowhere").has_value());
  EXPECT_FALSE(nas_bench_201("01234").has_value());
  EXPECT_FALSE(nas_bench_201("012345").has_value());
}

TEST(NasBench201, CellsBecomeLayers) {
  const Graph skips = *nas_bench_201("100100");
  const Graph convolutions = *nas_bench_201("333333");
  EXPECT_EQ(skips.type(skips.outputs()[0]).shape, (Shape{1, 10}));
  const auto count = [](const Graph& graph) {
    return std::ranges::count_if(
        graph.nodes(), [](const Node& node) { return std::holds_alternative<Conv>(node.op); });
  };
  EXPECT_EQ(count(skips), 7);  // the stem and two reductions of three
  EXPECT_EQ(count(convolutions), 7 + 15 * 6);
}

TEST(PredictionErrors, OfKnownNumbers) {
  const std::vector<double> wanted = {1, 2, 4, 8};
  const PredictionError same = prediction_error(wanted, wanted);
  EXPECT_EQ(same.median, 0);
  EXPECT_EQ(same.spread, 0);
  EXPECT_DOUBLE_EQ(same.spearman, 1);
  const PredictionError half = prediction_error(std::vector<double>{0.5, 1, 2, 4}, wanted);
  EXPECT_EQ(half.median, 0.5);
  EXPECT_EQ(half.within_30, 0);
  EXPECT_DOUBLE_EQ(half.spread, std::log(2));
  const PredictionError reversed = prediction_error(std::vector<double>{8, 4, 2, 1}, wanted);
  EXPECT_DOUBLE_EQ(reversed.spearman, -1);
}

}  // namespace
}  // namespace nitro::predict
