#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

Rows rows_along(const Shape& shape, int64_t axis) {
  const auto at = static_cast<size_t>(axis);
  return {shape[at], strides_of(shape)[at]};
}

/// What the elements of a row need to know of it.
struct SoftmaxRow {
  std::string most;   // the largest element
  std::string total;  // of log, the logarithm of the sum of exp(x - most), else 1 / that sum
};

/// exp(x - most) of an element of the row.
std::string power(const Site& site, const Index& x, const std::string& most) {
  return site.w().kept(fmt::format("power of {} [{}]", site.node.outputs[0], x.text()), [&] {
    return site.w().let("float", fmt::format("expf({} - {})", site.kept(0, x), most));
  });
}

SoftmaxRow softmax_row(const Softmax& op, const Site& site, const Rows& rows, const Index& row) {
  Writer& w = site.w();
  const std::string key = fmt::format("softmax {} {}", site.node.outputs[0], row.text());
  if (std::string known = w.remembered(key); !known.empty()) {
    return {known, w.remembered(key + " total")};
  }
  const std::string largest =
      w.variable("float", float_literal(-std::numeric_limits<double>::infinity()));
  const Writer::Accumulator maximum[] = {{largest, Combine::kMaximum}};
  w.reduce(rows.length, maximum, [&](const Index& c) {
    const std::string x = site.kept(0, element_of(w, rows, row, c));
    w.line(fmt::format("{0} = fmaxf({0}, {1});", largest, x));
  });
  const std::string most = w.let("float", largest);
  const std::string sum = w.variable("float", "0.0f");
  const Writer::Accumulator sums[] = {{sum, Combine::kSum}};
  w.reduce(rows.length, sums, [&](const Index& c) {
    w.line(fmt::format("{} += {};", sum, power(site, element_of(w, rows, row, c), most)));
  });
  const std::string total = w.let("float", op.log ? fmt::format("logf({})", sum) : "1.0f / " + sum);
  w.remember(key, most);
  w.remember(key + " total", total);
  return {most, total};
}

}  // namespace

Rows rows_of(const Softmax& op, const Graph& graph, const Node& node) {
  return rows_along(graph.type(node.inputs[0]).shape, op.axis);
}

std::string code(const Softmax& op, const Site& site) {
  Writer& w = site.w();
  const Rows rows = rows_along(site.in(0).shape, op.axis);
  const SoftmaxRow row = softmax_row(op, site, rows, row_of(w, rows, site.index));
  if (site.shared_only) return {};
  if (!op.log) {
    return w.let("float", fmt::format("{} * {}", power(site, site.index, row.most), row.total));
  }
  return w.let("float", fmt::format("{} - {} - {}", site.kept(0, site.index), row.most, row.total));
}

}  // namespace nitro::plan
