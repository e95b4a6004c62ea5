#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// Element `x` of operand i, an index into an axis of `dim`, counted from the front. Out of range
/// gives the nearest element in it, so that nothing outside of the tensor is read.
Index index_at(const Site& site, size_t i, const Index& x, int64_t dim) {
  Writer& w = site.w();
  const std::string raw = site.at(i, x);
  const std::string type(w.index_type());
  const std::string front =
      w.let(type, fmt::format("({1})({0} < 0 ? {0} + {2} : {0})", raw, type, dim));
  if (dim <= 1) return {};
  return Index::variable(
      w.let(type, fmt::format("{0} < 0 ? 0 : {0} >= {1} ? {2} : {0}", front, dim, dim - 1)), dim);
}

/// Strides of a tensor of `shape` along the axes [first, last).
std::vector<int64_t> part(const std::vector<int64_t>& values, int64_t first, int64_t last) {
  return {values.begin() + first, values.begin() + last};
}

/// A rank-n shape as the axes before, at, and after one.
struct AxisSplit {
  int64_t length = 1;
  int64_t inner = 1;
};
AxisSplit split_at(const Shape& shape, int64_t axis) {
  const auto at = static_cast<size_t>(axis);
  return {shape[at], strides_of(shape)[at]};
}

}  // namespace

std::string code(const Gather& op, const Site& site) {
  Writer& w = site.w();
  const AxisSplit axis = split_at(site.in(0).shape, op.axis);
  const auto [rest, inner] = w.divide(site.index, axis.inner);
  const auto [outer, place] = w.divide(rest, site.in(1).elements());
  const Index at = index_at(site, 1, place, axis.length);
  return site.at(0, (outer * axis.length + at) * axis.inner + inner);
}

std::string code(const GatherElements& op, const Site& site) {
  std::vector<Index> at = site.w().unravel(site.index, site.out().shape);
  const auto axis = static_cast<size_t>(op.axis);
  at[axis] = index_at(site, 1, site.index, site.in(0).shape[axis]);
  return site.at(0, Writer::ravel(at, strides_of(site.in(0).shape)));
}

std::string code(const GatherND& op, const Site& site) {
  Writer& w = site.w();
  const Shape& data = site.in(0).shape;
  const Shape& indices = site.in(1).shape;
  const int64_t depth = indices.back();
  const std::vector<int64_t> strides = strides_of(data);
  const int64_t slice = element_count(part(data, op.batch_dims + depth, site.in(0).rank()));
  const int64_t batches = element_count(part(data, 0, op.batch_dims));
  const int64_t tuples = site.in(1).elements() / std::max<int64_t>(1, depth);
  const auto [tuple, inner] = w.divide(site.index, slice);
  const Index batch = w.divide(tuple, tuples / std::max<int64_t>(1, batches)).first;
  Index source = batch * element_count(part(data, op.batch_dims, site.in(0).rank())) + inner;
  for (int64_t k = 0; k < depth; ++k) {
    const auto axis = static_cast<size_t>(op.batch_dims + k);
    const Index at = index_at(site, 1, tuple * depth + Index::constant(k), data[axis]);
    source = source + at * strides[axis];
  }
  return site.at(0, source);
}

std::string code(const OneHot& op, const Site& site) {
  Writer& w = site.w();
  const AxisSplit axis = split_at(site.out().shape, op.axis);
  const auto [rest, inner] = w.divide(site.index, axis.inner);
  const auto [outer, place] = w.divide(rest, axis.length);
  const std::string wanted = w.let("long long", site.whole(0, outer * axis.inner + inner));
  const std::string on = w.let(
      "int", fmt::format("({0} < 0 ? {0} + {1} : {0}) == {2}", wanted, op.depth, place.text()));
  return w.let(number_type(site.out().dtype),
               fmt::format("{} ? {} : {}", on, site.at(1, Index::constant(1)), site.at(1, {})));
}

std::string code(const ReverseSequence& op, const Site& site) {
  Writer& w = site.w();
  const Shape& shape = site.in(0).shape;
  const std::vector<int64_t> strides = strides_of(shape);
  std::vector<Index> at = w.unravel(site.index, shape);
  const auto time_axis = static_cast<size_t>(op.time_axis);
  const auto batch_axis = static_cast<size_t>(op.batch_axis);
  const std::string length = site.at(1, at[batch_axis]);
  const std::string time = w.let(w.index_type(), at[time_axis].text());
  const std::string source =
      w.let(w.index_type(),
            fmt::format("{1} < {0} ? ({2})({0} - 1 - {1}) : {1}", length, time, w.index_type()));
  at[time_axis] = Index::variable(source, shape[time_axis]);
  return site.at(0, Writer::ravel(at, strides));
}

std::string code(const CumSum& op, const Site& site) {
  Writer& w = site.w();
  const AxisSplit axis = split_at(site.in(0).shape, op.axis);
  const auto [rest, inner] = w.divide(site.index, axis.inner);
  const auto [outer, place] = w.divide(rest, axis.length);
  const bool floats = is_float(site.in(0).dtype);
  const std::string own = w.let(w.index_type(), place.text());
  const std::string sum = w.variable(floats ? "float" : "unsigned long long", "0");
  const Index k = w.loop(axis.length);
  const std::string_view order =
      op.reverse ? (op.exclusive ? ">" : ">=") : (op.exclusive ? "<" : "<=");
  w.open(fmt::format("if ({} {} {})", k.text(), order, own));
  const Index x = (outer * axis.length + k) * axis.inner + inner;
  w.line(floats ? fmt::format("{} += {};", sum, site.at(0, x))
                : fmt::format("{} += (unsigned long long){};", sum, site.at(0, x)));
  w.close();
  w.close();
  return floats ? site.from_real(sum) : site.from_whole("(long long)" + sum);
}

std::string code(const ArgReduce& op, const Site& site) {
  Writer& w = site.w();
  const AxisSplit axis = split_at(site.in(0).shape, op.axis);
  const std::string_view type = number_type(site.in(0).dtype);
  const auto [outer, inner] = w.divide(site.index, axis.inner);
  const auto x = [&](const Index& k) {
    return site.at(0, (outer * axis.length + k) * axis.inner + inner);
  };
  const std::string best = w.variable(type, axis.length == 0 ? "0" : x({}));
  const std::string place = w.variable("int", "0");
  const Index k = w.loop(axis.length);
  const std::string candidate = x(k);
  w.open(fmt::format("if ({} > 0 && {} {} {})", k.text(), candidate,
                     op.largest ? (op.last ? ">=" : ">") : (op.last ? "<=" : "<"), best));
  w.line(fmt::format("{} = {};", best, candidate));
  w.line(fmt::format("{} = {};", place, k.text()));
  w.close();
  w.close();
  return w.let("long long", place);
}

std::string code(const TopK& op, const Site& site) {
  Writer& w = site.w();
  const AxisSplit axis = split_at(site.in(0).shape, op.axis);
  const std::string type(number_type(site.in(0).dtype));
  const auto [rest, inner] = w.divide(site.index, axis.inner);
  const auto [outer, rank] = w.divide(rest, op.k);
  const auto x = [&](const Index& k) {
    return site.at(0, (outer * axis.length + k) * axis.inner + inner);
  };
  site.values.use_function(fmt::format(R"(
__device__ __forceinline__ bool is_before_{0}({1} a, long long at_a, {1} b, long long at_b) {{
  const bool below = a < b || (a == a && b != b);
  const bool above = b < a || (b == b && a != a);
  return {2} || (!below && !above && at_a < at_b);
}}
)",
                                       op.largest ? "down" : "up", type,
                                       op.largest ? "above" : "below"));
  const std::string before = fmt::format("is_before_{}", op.largest ? "down" : "up");
  // The best of what comes after the best so far, as often as the rank asks.
  const std::string value = w.variable(type, "0");
  const std::string place = w.variable("int", "-1");
  const std::string wanted = w.let(w.index_type(), rank.text());
  const std::string round = fmt::format("round_{}", wanted);
  w.open(fmt::format("for (int {0} = 0; {0} <= {1}; ++{0})", round, wanted));
  const std::string last = w.variable(type, value);
  const std::string last_place = w.variable("int", place);
  w.line(fmt::format("{} = -1;", place));
  const Index k = w.loop(axis.length);
  const std::string candidate = x(k);
  w.open(fmt::format(
      "if (({3} < 0 || {0}({2}, {3}, {1}, {6})) && ({5} < 0 || {0}({1}, {6}, {4}, {5})))", before,
      candidate, last, last_place, value, place, k.text()));
  w.line(fmt::format("{} = {};", value, candidate));
  w.line(fmt::format("{} = {};", place, k.text()));
  w.close();
  w.close();
  w.close();
  if (site.output == 1) return w.let("long long", place);
  return w.let(type, value);
}

}  // namespace nitro::plan
