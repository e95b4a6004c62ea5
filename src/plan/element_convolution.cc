#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// What convolutions have in common.
struct Geometry {
  const Ints& strides;
  const Ints& dilations;
  const Ints& pads_before;
  int64_t group = 1;
  bool transposed = false;
};

/// Adds `term(x, w)` for each pair of elements of operands 0 and 1 that meet in the result here.
void for_each_pair(const Site& site, const Geometry& op,
                   const std::function<void(const Index&, const Index&)>& term) {
  Writer& w = site.w();
  const Shape& x = site.in(0).shape;
  const Shape& kernel = site.in(1).shape;
  const int64_t in_channels = x[1] / op.group;
  const int64_t out_channels = site.out().shape[1] / op.group;
  const std::vector<int64_t> x_strides = strides_of(x);
  const std::vector<int64_t> w_strides = strides_of(kernel);
  const std::vector<Index> at = w.unravel(site.index, site.out().shape);
  const auto [group, out_channel] = w.divide(at[1], out_channels);
  const Index channel = w.loop(in_channels);
  const Index source_channel = group * in_channels + channel;
  Index from = at[0] * x_strides[0] + source_channel * x_strides[1];
  Index weight = op.transposed ? source_channel * w_strides[0] + out_channel * w_strides[1]
                               : at[1] * w_strides[0] + channel * w_strides[1];
  size_t blocks = 1;
  for (size_t axis = 0; axis + 2 < x.size(); ++axis) {
    const Index tap = w.loop(kernel[axis + 2]);
    ++blocks;
    weight = weight + tap * w_strides[axis + 2];
    Index position = at[axis + 2] * op.strides[axis] + tap * op.dilations[axis] +
                     Index::constant(-op.pads_before[axis]);
    if (op.transposed) {
      position = at[axis + 2] + tap * -op.dilations[axis] + Index::constant(op.pads_before[axis]);
      const std::string sum = w.let(w.index_type(), position.text());
      if (op.strides[axis] > 1) {
        w.open(fmt::format("if ({} % {} == 0)", sum, op.strides[axis]));
        ++blocks;
      }
      position = Index::variable(
          w.let(w.index_type(), fmt::format("{} / {}", sum, op.strides[axis])), x[axis + 2] + 1);
      w.open(fmt::format("if ({0} >= 0 && {1} < {2})", sum, position.text(), x[axis + 2]));
      ++blocks;
    } else if (position.least() < 0 || position.most() >= x[axis + 2]) {
      const std::string met = w.let(w.index_type(), position.text());
      position = Index::variable(met, x[axis + 2]);
      w.open(fmt::format("if ({0} >= 0 && {0} < {1})", met, x[axis + 2]));
      ++blocks;
    }
    from = from + position * x_strides[axis + 2];
  }
  term(from, weight);
  for (size_t i = 0; i < blocks; ++i) w.close();
}

std::string float_convolution(const Site& site, const Geometry& op) {
  Writer& w = site.w();
  const int64_t plane = element_count({site.out().shape.begin() + 2, site.out().shape.end()});
  std::string initial = "0.0f";
  if (site.has(2)) {
    const Index channel = w.divide(w.divide(site.index, plane).first, site.out().shape[1]).second;
    initial = site.real(2, channel);
  }
  const std::string sum = w.variable("float", initial);
  for_each_pair(site, op, [&](const Index& from, const Index& weight) {
    w.line(fmt::format("{} += {} * {};", sum, site.real(0, from), site.real(1, weight)));
  });
  return site.from_real(sum);
}

}  // namespace

std::string code(const Conv& op, const Site& site) {
  return float_convolution(site, {op.strides, op.dilations, op.pads_before, op.group, false});
}

std::string code(const ConvTranspose& op, const Site& site) {
  return float_convolution(site, {op.strides, op.dilations, op.pads_before, op.group, true});
}

std::string code(const ConvInteger& op, const Site& site) {
  Writer& w = site.w();
  const auto zero = [&](size_t operand, size_t of, const Index& x) -> std::string {
    if (!site.has(operand)) return "0";
    const int64_t points = site.in(operand).elements();
    if (points == 1) return site.at(operand, {});
    return site.at(operand, w.divide(x, site.in(of).elements() / points).first);
  };
  const std::string sum = w.variable("int", "0");
  for_each_pair(site, {op.strides, op.dilations, op.pads_before, op.group, false},
                [&](const Index& from, const Index& weight) {
                  w.line(fmt::format("{} += ({} - {}) * ({} - {});", sum, site.at(0, from),
                                     zero(2, 0, from), site.at(1, weight), zero(3, 1, weight)));
                });
  return w.let("int", sum);
}

}  // namespace nitro::plan
