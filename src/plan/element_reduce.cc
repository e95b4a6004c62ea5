#include <fmt/core.h>

#include <algorithm>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

/// The reduced axes as a shape and strides, and the strides of the kept ones.
struct Axes {
  Shape kept, reduced;
  std::vector<int64_t> kept_strides, reduced_strides;
};

Axes axes_of(const Reduce& op, const Shape& shape) {
  Axes axes;
  const std::vector<int64_t> strides = strides_of(shape);
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const bool reduced = std::ranges::find(op.axes, static_cast<int64_t>(axis)) != op.axes.end();
    (reduced ? axes.reduced : axes.kept).push_back(shape[axis]);
    (reduced ? axes.reduced_strides : axes.kept_strides).push_back(strides[axis]);
  }
  return axes;
}

bool is_exact(const Reduce& op, DType dtype) {
  return !is_float(dtype) && op.kind != ReduceKind::kL2 && op.kind != ReduceKind::kLogSum &&
         op.kind != ReduceKind::kLogSumExp;
}

Combine combine_of(ReduceKind kind) {
  if (kind == ReduceKind::kProd) return Combine::kProduct;
  if (kind == ReduceKind::kMax) return Combine::kLargest;
  if (kind == ReduceKind::kMin) return Combine::kSmallest;
  return Combine::kSum;
}

double neutral(ReduceKind kind) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (kind == ReduceKind::kProd) return 1;
  if (kind == ReduceKind::kMax) return -kInfinity;
  return kind == ReduceKind::kMin ? kInfinity : 0;
}

/// `{0}` takes in the float `{1}`.
std::string_view float_step(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kProd:
      return "{0} *= {1};";
    case ReduceKind::kMax:
      return "{0} = {1} != {1} || {1} > {0} ? {1} : {0};";
    case ReduceKind::kMin:
      return "{0} = {1} != {1} || {1} < {0} ? {1} : {0};";
    case ReduceKind::kL1:
      return "{0} += fabsf({1});";
    case ReduceKind::kL2:
    case ReduceKind::kSumSquare:
      return "{0} += {1} * {1};";
    default:
      return "{0} += {1};";
  }
}

/// `{0}`, an "unsigned long long" or for extremes "long long", takes in the "long long" `{1}`.
std::string_view integer_step(ReduceKind kind) {
  switch (kind) {
    case ReduceKind::kProd:
      return "{0} *= (unsigned long long){1};";
    case ReduceKind::kMax:
      return "{0} = {1} > {0} ? {1} : {0};";
    case ReduceKind::kMin:
      return "{0} = {1} < {0} ? {1} : {0};";
    case ReduceKind::kL1:
      return "{0} += {1} < 0 ? -(unsigned long long){1} : (unsigned long long){1};";
    case ReduceKind::kSumSquare:
      return "{0} += (unsigned long long){1} * (unsigned long long){1};";
    default:
      return "{0} += (unsigned long long){1};";
  }
}

std::string integer_neutral(ReduceKind kind) {
  if (kind == ReduceKind::kProd) return "1";
  if (kind == ReduceKind::kMax) return integer_literal(std::numeric_limits<int64_t>::min());
  if (kind == ReduceKind::kMin) return integer_literal(std::numeric_limits<int64_t>::max());
  return "0";
}

/// The accumulated sum of step over all elements of the result.
std::string accumulated(const Site& site, ReduceKind kind, int64_t count,
                        const std::function<std::string(const Index&)>& x) {
  Writer& w = site.w();
  const std::string sum = w.variable("float", float_literal(neutral(kind)));
  const Writer::Accumulator accumulators[] = {{sum, combine_of(kind)}};
  w.reduce(count, accumulators, [&](const Index& k) {
    const std::string element = w.let("float", x(k));
    w.line(fmt::format(fmt::runtime(float_step(kind)), sum, element));
  });
  return w.let("float", sum);
}

std::string log_sum_exp(const Site& site, int64_t count,
                        const std::function<std::string(const Index&)>& x) {
  Writer& w = site.w();
  const std::string most = accumulated(site, ReduceKind::kMax, count, x);
  const std::string infinite = w.let(
      "int",
      fmt::format("fabsf({}) == {}", most, float_literal(std::numeric_limits<double>::infinity())));
  const std::string sum = accumulated(site, ReduceKind::kSum, count, [&](const Index& k) {
    return fmt::format("{} ? 0.0f : expf({} - {})", infinite, x(k), most);
  });
  return site.from_real(fmt::format("{0} ? {1} : logf({2}) + {1}", infinite, most, sum));
}

std::string exact(const Reduce& op, const Site& site, int64_t count,
                  const std::function<std::string(const Index&)>& x) {
  Writer& w = site.w();
  const bool extreme = op.kind == ReduceKind::kMax || op.kind == ReduceKind::kMin;
  const std::string sum =
      w.variable(extreme ? "long long" : "unsigned long long", integer_neutral(op.kind));
  const Index k = w.loop(count);
  const std::string element = w.let("long long", x(k));
  w.line(fmt::format(fmt::runtime(integer_step(op.kind)), sum, element));
  w.close();
  if (op.kind == ReduceKind::kMean) {
    return site.from_whole(count == 0 ? "0ll" : fmt::format("(long long){} / {}", sum, count));
  }
  return site.from_whole(fmt::format("(long long){}", sum));
}

}  // namespace

int64_t summed(const Reduce& op, const Graph& graph, const Node& node) {
  const TensorType& x = graph.type(node.inputs[0]);
  if (is_exact(op, x.dtype) || op.axes.empty()) return 1;
  const Axes axes = axes_of(op, x.shape);
  const bool trailing = axes.reduced_strides.back() == 1;
  const bool few = graph.type(node.outputs[0]).elements() < 2048;
  return trailing || few ? element_count(axes.reduced) : 1;
}

std::string code(const Reduce& op, const Site& site) {
  Writer& w = site.w();
  const Axes axes = axes_of(op, site.in(0).shape);
  const int64_t count = element_count(axes.reduced);
  const Index start = Writer::ravel(w.unravel(site.index, axes.kept), axes.kept_strides);
  const auto place = [&](const Index& k) {
    return start + Writer::ravel(w.unravel(k, axes.reduced), axes.reduced_strides);
  };
  if (is_exact(op, site.in(0).dtype)) {
    return exact(op, site, count, [&](const Index& k) { return site.whole(0, place(k)); });
  }
  const auto x = [&](const Index& k) { return site.real(0, place(k)); };
  if (op.kind == ReduceKind::kLogSumExp) return log_sum_exp(site, count, x);
  const std::string sum = accumulated(site, op.kind, count, x);
  if (op.kind == ReduceKind::kMean) {
    return site.from_real(fmt::format("{} / {}", sum, float_literal(static_cast<double>(count))));
  }
  if (op.kind == ReduceKind::kL2) return site.from_real(fmt::format("sqrtf({})", sum));
  if (op.kind == ReduceKind::kLogSum) return site.from_real(fmt::format("logf({})", sum));
  return site.from_real(sum);
}

}  // namespace nitro::plan
