#pragma once

#include <string_view>

#include "predict/measured_net.h"

namespace nitro::predict {

struct Fit {
  Rates rates = {};
  double extra_ns = 0;  // of nets that have one
};

/// What a fit gives for a net, nanoseconds.
double predicted_ns(const MeasuredNet& net, const Fit& fit);

/// What is known of rates before any measurement is seen.
struct Prior {
  Rates rates = {};
  double freedom = 1;  // times the spreads in rates.h
};

/// The rates that agree best with the measurements and with `prior`: least squares of the logarithm
/// of predicted / measured, a family of n nets counting as sqrt(n). Nets of `held_out` do not
/// count.
Fit fit_rates(std::span<const MeasuredNet> nets, std::string_view held_out = "",
              const Prior& prior = {});

/// Of each net, what rates fitted without its family give, nanoseconds.
std::vector<double> cross_validated_ns(std::span<const MeasuredNet> nets, const Prior& prior = {});

/// The share of nets that lie in the interval of 90 % around what `held_out` predicts of them, its
/// width from the errors of the other families.
double coverage(std::span<const MeasuredNet> nets, std::span<const double> held_out);

}  // namespace nitro::predict
