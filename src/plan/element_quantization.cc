#include <fmt/core.h>

#include <cmath>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// Which entry of scale and zero point belongs to the element here.
Index parameter(const Site& site, int64_t axis) {
  if (site.in(1).elements() == 1) return {};
  const int64_t inner = strides_of(site.in(0).shape)[static_cast<size_t>(axis)];
  return site.w().divide(site.w().divide(site.index, inner).first, site.in(1).elements()).second;
}

/// The float with the value of the zero point, which may be an integer or absent.
std::string zero_point(const Site& site, const Index& at) {
  return site.has(2) ? site.real(2, at) : "0.0f";
}

/// In units of the scale. By a multiplication where that is known, which is many times faster: a
/// value half way between two integers, up to rounding in f32, can become either.
std::string in_units(const Site& site, const Index& at) {
  const std::string x = site.real(0, site.index);
  const Tensor* scale = site.values.graph().constant(site.node.inputs[1]);
  const double inverse = scale && scale->elements() == 1 ? 1 / scale->as<double>()[0] : 0;
  if (std::isnormal(static_cast<float>(inverse)))
    return fmt::format("{} * {}", x, float_literal(inverse));
  return fmt::format("{} / {}", x, site.real(1, at));
}

}  // namespace

std::string code(const QuantizeLinear& op, const Site& site) {
  const Index at = parameter(site, op.axis);
  return site.from_real(fmt::format("rintf({}) + {}", in_units(site, at), zero_point(site, at)));
}

std::string code(const DequantizeLinear& op, const Site& site) {
  const Index at = parameter(site, op.axis);
  std::string difference = site.real(0, site.index);
  if (site.has(2)) {
    const bool integers = !is_float(site.in(0).dtype) && !is_float(site.in(2).dtype);
    difference = integers
                     ? fmt::format("(float)({} - {})", site.whole(0, site.index), site.whole(2, at))
                     : fmt::format("({} - {})", difference, zero_point(site, at));
  }
  return site.from_real(fmt::format("{} * {}", difference, site.real(1, at)));
}

Rows rows_of(const DynamicQuantizeLinear&, const Graph& graph, const Node& node) {
  return {graph.type(node.inputs[0]).elements(), 1};
}

std::string code(const DynamicQuantizeLinear&, const Site& site) {
  Writer& w = site.w();
  const std::string key = fmt::format("range {}", site.node.outputs[0]);
  std::string scale = w.remembered(key);
  if (scale.empty()) {
    const std::string high = w.variable("float", "0.0f");
    const std::string below = w.variable("float", "0.0f");  // less than the smallest by sign alone
    const Writer::Accumulator accumulators[] = {{high, Combine::kMaximum},
                                                {below, Combine::kMaximum}};
    w.reduce(site.in(0).elements(), accumulators, [&](const Index& k) {
      const std::string x = site.at(0, k);
      w.line(fmt::format("{0} = fmaxf({0}, {1});", high, x));
      w.line(fmt::format("{0} = fmaxf({0}, -{1});", below, x));
    });
    scale = w.let("float", fmt::format("{0} == -{1} ? 1.0f : ({0} + {1}) / 255.0f", high, below));
    const std::string exact = w.let("float", fmt::format("rintf({} / {})", below, scale));
    w.remember(key + " zero",
               w.let("float", fmt::format("{0} >= 0.0f ? fminf({0}, 255.0f) : 0.0f", exact)));
    w.remember(key, scale);
  }
  if (site.shared_only) return {};
  const std::string zero = w.remembered(key + " zero");
  if (site.output == 1) return scale;
  if (site.output == 2) return site.from_real(zero);
  return site.from_real(fmt::format("rintf({} / {}) + {}", site.at(0, site.index), scale, zero));
}

}  // namespace nitro::plan
