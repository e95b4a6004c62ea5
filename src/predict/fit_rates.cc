#include "predict/fit_rates.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "measure/normal_quantiles.h"
#include "predict/least_squares.h"

namespace nitro::predict {
namespace {

/// Standard deviation of log(predicted / measured) that is expected of one net.
constexpr double kExpected = 0.12;
constexpr double kExtraNs = 1e6;
constexpr double kExtraSpread = 0.7;

/// The rates at `point`, logarithms of factors on those of `prior`.
Fit at(const std::vector<double>& point, const Prior& prior) {
  Fit fit{prior.rates};
  size_t i = 0;
  for_each_rate(fit.rates,
                [&](std::string_view, double& rate, double) { rate *= std::exp(point[i++]); });
  fit.extra_ns = kExtraNs * std::exp(point[i]);
  return fit;
}

std::vector<double> spreads(const Prior& prior) {
  std::vector<double> list;
  for_each_rate(prior.rates, [&](std::string_view, double, double spread) {
    list.push_back(prior.freedom * spread);
  });
  list.push_back(kExtraSpread);
  return list;
}

}  // namespace

double predicted_ns(const MeasuredNet& net, const Fit& fit) {
  return frame_ns(layer_times(net.layers, net.device, fit.rates, net.precision)) +
         (net.has_extra ? fit.extra_ns : 0);
}

Fit fit_rates(std::span<const MeasuredNet> nets, std::string_view held_out, const Prior& prior) {
  std::map<std::string_view, double> sizes;
  for (const MeasuredNet& net : nets) ++sizes[net.family];
  const std::vector<double> before = spreads(prior);
  const auto residuals = [&](const std::vector<double>& point) {
    const Fit fit = at(point, prior);
    std::vector<double> values;
    for (const MeasuredNet& net : nets) {
      if (net.family == held_out) continue;
      const double error = std::log(predicted_ns(net, fit) / net.measured_ns);
      values.push_back(error / kExpected / std::pow(sizes[net.family], 0.25));
    }
    for (size_t i = 0; i < point.size(); ++i) values.push_back(point[i] / before[i]);
    return values;
  };
  return at(least_squares(residuals, std::vector<double>(before.size(), 0.0)), prior);
}

std::vector<double> cross_validated_ns(std::span<const MeasuredNet> nets, const Prior& prior) {
  std::map<std::string_view, Fit> without;
  std::vector<double> predicted;
  for (const MeasuredNet& net : nets) {
    auto found = without.find(net.family);
    if (found == without.end())
      found = without.emplace(net.family, fit_rates(nets, net.family, prior)).first;
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
    covered += std::abs(error(i)) <= measure::kQuantile95 * std::sqrt(squares / others);
  }
  return covered / static_cast<double>(nets.size());
}

}  // namespace nitro::predict
