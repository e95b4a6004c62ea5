#include "predict/fit_rates.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "predict/least_squares.h"
#include "predict/prediction_error.h"

namespace nitro::predict {
namespace {

/// Standard deviation of log(predicted / measured) that is expected of one net.
constexpr double kExpected = 0.12;
constexpr double kExtraNs = 1e6;
constexpr double kExtraSpread = 0.7;

/// The rates at `point`, logarithms of factors on those of rates.h.
Fit at(const std::vector<double>& point) {
  Fit fit;
  size_t i = 0;
  for_each_rate(fit.rates,
                [&](std::string_view, double& rate, double) { rate *= std::exp(point[i++]); });
  fit.extra_ns = kExtraNs * std::exp(point[i]);
  return fit;
}

std::vector<double> spreads() {
  std::vector<double> list;
  const Rates rates;
  for_each_rate(rates, [&](std::string_view, double, double spread) { list.push_back(spread); });
  list.push_back(kExtraSpread);
  return list;
}

}  // namespace

double predicted_ns(const MeasuredNet& net, const Fit& fit) {
  std::vector<LayerTime> times;
  for (const Layer& layer : net.layers)
    times.push_back(layer_time(layer, net.device, fit.rates, net.precision));
  return frame_ns(times) + (net.has_extra ? fit.extra_ns : 0);
}

Fit fit_rates(std::span<const MeasuredNet> nets, std::string_view held_out) {
  std::map<std::string_view, double> sizes;
  for (const MeasuredNet& net : nets) ++sizes[net.family];
  const std::vector<double> before = spreads();
  const auto residuals = [&](const std::vector<double>& point) {
    const Fit fit = at(point);
    std::vector<double> values;
    for (const MeasuredNet& net : nets) {
      if (net.family == held_out) continue;
      const double error = std::log(predicted_ns(net, fit) / net.measured_ns);
      values.push_back(error / kExpected / std::pow(sizes[net.family], 0.25));
    }
    for (size_t i = 0; i < point.size(); ++i) values.push_back(point[i] / before[i]);
    return values;
  };
  return at(least_squares(residuals, std::vector<double>(before.size(), 0.0)));
}

std::vector<double> cross_validated_ns(std::span<const MeasuredNet> nets) {
  std::map<std::string_view, Fit> without;
  std::vector<double> predicted;
  for (const MeasuredNet& net : nets) {
    auto found = without.find(net.family);
    if (found == without.end())
      found = without.emplace(net.family, fit_rates(nets, net.family)).first;
    predicted.push_back(predicted_ns(net, found->second));
  }
  return predicted;
}

double coverage(std::span<const MeasuredNet> nets, std::span<const double> held_out) {
  const auto error = [&](size_t i) { return std::log(held_out[i] / nets[i].measured_ns); };
  double covered = 0;
  for (size_t i = 0; i < nets.size(); ++i) {
    double squares = 0, others = 0;
    for (size_t j = 0; j < nets.size(); ++j) {
      if (nets[j].family == nets[i].family) continue;
      squares += error(j) * error(j);
      others += 1;
    }
    covered += std::abs(error(i)) <= kNinetyPercent * std::sqrt(squares / others);
  }
  return covered / static_cast<double>(nets.size());
}

}  // namespace nitro::predict
