#include <fmt/core.h>

#include "plan/element_code.h"

namespace nitro::plan {
namespace {

using Element = std::function<std::string(const Index&)>;  // of a row, at a column, as a float

/// Mean and 1 / sqrt(variance + epsilon) of a row.
struct Statistics {
  std::string mean;
  std::string inverse;
};

/// sum / length, where `body` adds the terms of column c to the accumulator.
std::string mean_of(Writer& w, int64_t length, const Element& term) {
  const std::string sum = w.variable("float", "0.0f");
  const Writer::Accumulator accumulators[] = {{sum, Combine::kSum}};
  w.reduce(length, accumulators,
           [&](const Index& c) { w.line(fmt::format("{} += {};", sum, term(c))); });
  return w.let("float",
               fmt::format("{} * {}", sum, float_literal(1.0 / static_cast<double>(length))));
}

Statistics statistics(const Site& site, const Index& row, int64_t length, double epsilon,
                      const Element& x) {
  Writer& w = site.w();
  const std::string key = fmt::format("statistics {} {}", site.node.outputs[0], row.text());
  if (std::string mean = w.remembered(key + " mean"); !mean.empty()) {
    return {mean, w.remembered(key)};
  }
  const std::string mean = mean_of(w, length, x);
  const std::string variance = mean_of(w, length, [&](const Index& c) {
    const std::string distance = w.let("float", fmt::format("{} - {}", x(c), mean));
    return fmt::format("{0} * {0}", distance);
  });
  const std::string inverse =
      w.let("float", fmt::format("1.0f / sqrtf({} + {})", variance, float_literal(epsilon)));
  w.remember(key + " mean", mean);
  w.remember(key, inverse);
  return {mean, inverse};
}

/// 1 / the root of a mean of squares, remembered for the row.
std::string once_for_row(const Site& site, const Index& row,
                         const std::function<std::string()>& compute) {
  const std::string key = fmt::format("row {} {}", site.node.outputs[0], row.text());
  if (std::string known = site.w().remembered(key); !known.empty()) return known;
  std::string result = compute();
  site.w().remember(key, result);
  return result;
}

/// normalized * scale + bias, of operands `scale` and `bias` at `parameter`.
std::string scaled(const Site& site, const std::string& normalized, size_t scale, size_t bias,
                   const Index& parameter) {
  const std::string factor = site.real(scale, parameter);
  std::string sum = fmt::format("{} * {}", normalized, factor);
  if (site.has(bias)) sum += " + " + site.real(bias, parameter);
  return site.w().let("float", sum);
}

std::string normalized(Writer& w, const std::string& x, const Statistics& known) {
  return w.let("float", fmt::format("({} - {}) * {}", x, known.mean, known.inverse));
}

/// Elements of the axes from `axis` on.
int64_t elements_from(const Shape& shape, int64_t axis) {
  return element_count({shape.begin() + axis, shape.end()});
}

Rows axis_rows(const Shape& shape, int64_t axis) {
  const auto at = static_cast<size_t>(axis);
  return {shape[at], strides_of(shape)[at]};
}

const Shape& shape_of(const Graph& graph, const Node& node) {
  return graph.type(node.inputs[0]).shape;
}

}  // namespace

Rows rows_of(const LayerNormalization& op, const Graph& graph, const Node& node) {
  return {elements_from(shape_of(graph, node), op.axis), 1};
}

std::string code(const LayerNormalization& op, const Site& site) {
  Writer& w = site.w();
  const int64_t length = elements_from(site.in(0).shape, op.axis);
  const Rows rows{length, 1};
  const Index row = site.output == 0 ? row_of(w, rows, site.index) : site.index;
  const Statistics known = statistics(site, row, length, op.epsilon, [&](const Index& c) {
    return site.kept(0, element_of(w, rows, row, c));
  });
  if (site.shared_only) return {};
  if (site.output > 0) return site.output == 1 ? known.mean : known.inverse;
  const Index column = w.divide(site.index, length).second;
  return scaled(site, normalized(w, site.kept(0, site.index), known), 1, 2, column);
}

Rows rows_of(const SkipLayerNormalization&, const Graph& graph, const Node& node) {
  return {shape_of(graph, node).back(), 1};
}

std::string code(const SkipLayerNormalization& op, const Site& site) {
  Writer& w = site.w();
  const int64_t length = site.in(0).shape.back();
  const Rows rows{length, 1};
  const auto sum_at = [&](const Index& x, const Index& c) {
    return w.kept(fmt::format("sum of {} [{}]", site.node.outputs[0], x.text()), [&] {
      std::string sum = fmt::format("{} + {}", site.at(0, x), site.at(1, x));
      if (site.has(4)) sum += " + " + site.at(4, c);
      return w.let("float", sum);
    });
  };
  const Index column = w.divide(site.index, length).second;
  if (site.output == 1) return sum_at(site.index, column);
  const Index row = row_of(w, rows, site.index);
  const Statistics known = statistics(site, row, length, op.epsilon, [&](const Index& c) {
    return sum_at(element_of(w, rows, row, c), c);
  });
  if (site.shared_only) return {};
  return scaled(site, normalized(w, sum_at(site.index, column), known), 2, 3, column);
}

Rows rows_of(const RMSNormalization& op, const Graph& graph, const Node& node) {
  return {elements_from(shape_of(graph, node), op.axis), 1};
}

std::string code(const RMSNormalization& op, const Site& site) {
  Writer& w = site.w();
  const int64_t length = elements_from(site.in(0).shape, op.axis);
  const Rows rows{length, 1};
  const Index row = row_of(w, rows, site.index);
  const std::string inverse = once_for_row(site, row, [&] {
    const std::string mean = mean_of(w, length, [&](const Index& c) {
      return fmt::format("{0} * {0}", site.kept(0, element_of(w, rows, row, c)));
    });
    return w.let("float", fmt::format("1.0f / sqrtf({} + {})", mean, float_literal(op.epsilon)));
  });
  if (site.shared_only) return {};
  const std::string x = site.kept(0, site.index);
  return scaled(site, w.let("float", fmt::format("{} * {}", x, inverse)), 1, 99,
                w.divide(site.index, length).second);
}

Rows rows_of(const GroupNormalization& op, const Graph& graph, const Node& node) {
  const Shape& shape = shape_of(graph, node);
  return {shape[1] / op.groups * elements_from(shape, 2), 1};
}

std::string code(const GroupNormalization& op, const Site& site) {
  Writer& w = site.w();
  const Shape& shape = site.in(0).shape;
  const int64_t plane = elements_from(shape, 2);
  const Rows rows{shape[1] / op.groups * plane, 1};
  const Index row = row_of(w, rows, site.index);
  const Statistics known = statistics(site, row, rows.length, op.epsilon, [&](const Index& c) {
    return site.kept(0, element_of(w, rows, row, c));
  });
  if (site.shared_only) return {};
  const Index channel = w.divide(w.divide(site.index, plane).first, shape[1]).second;
  return scaled(site, normalized(w, site.kept(0, site.index), known), 1, 2, channel);
}

std::string code(const BatchNormalization& op, const Site& site) {
  Writer& w = site.w();
  const Shape& shape = site.in(0).shape;
  const int64_t channels = shape.size() > 1 ? shape[1] : site.in(1).elements();
  const int64_t plane = shape.size() > 2 ? elements_from(shape, 2) : 1;
  const Index channel = w.divide(w.divide(site.index, plane).first, channels).second;
  const std::string inverse =
      w.let("float",
            fmt::format("1.0f / sqrtf({} + {})", site.real(4, channel), float_literal(op.epsilon)));
  const Statistics known{site.real(3, channel), inverse};
  return scaled(site, normalized(w, site.at(0, site.index), known), 1, 2, channel);
}

Rows rows_of(const LpNormalization& op, const Graph& graph, const Node& node) {
  return axis_rows(shape_of(graph, node), op.axis);
}

std::string code(const LpNormalization& op, const Site& site) {
  Writer& w = site.w();
  const Rows rows = axis_rows(site.in(0).shape, op.axis);
  const Index row = row_of(w, rows, site.index);
  const std::string norm = once_for_row(site, row, [&] {
    const std::string sum = w.variable("float", "0.0f");
    const Writer::Accumulator accumulators[] = {{sum, Combine::kSum}};
    w.reduce(rows.length, accumulators, [&](const Index& c) {
      const std::string x = site.kept(0, element_of(w, rows, row, c));
      w.line(op.p == 1 ? fmt::format("{} += fabsf({});", sum, x)
                       : fmt::format("{0} += {1} * {1};", sum, x));
    });
    return w.let("float", op.p == 2 ? fmt::format("sqrtf({})", sum) : sum);
  });
  if (site.shared_only) return {};
  return w.let("float",
               fmt::format("{1} == 0.0f ? 0.0f : {0} / {1}", site.kept(0, site.index), norm));
}

std::string code(const LRN& op, const Site& site) {
  Writer& w = site.w();
  const Shape& shape = site.in(0).shape;
  const int64_t plane = elements_from(shape, 2);
  const int64_t before = (op.size - 1) / 2;
  const auto [rest, inner] = w.divide(site.index, plane);
  const auto [batch, channel] = w.divide(rest, shape[1]);
  const std::string own = w.let(w.index_type(), channel.text());
  const std::string sum = w.variable("float", "0.0f");
  const Index offset = w.loop(op.size);
  const std::string near = w.let(
      w.index_type(), fmt::format("{} + {}", own, (offset + Index::constant(-before)).text()));
  w.open(fmt::format("if ({0} >= 0 && {0} < {1})", near, shape[1]));
  const Index x = (batch * shape[1] + Index::variable(near, shape[1])) * plane + inner;
  w.line(fmt::format("{0} += {1} * {1};", sum, site.at(0, x)));
  w.close();
  w.close();
  return w.let("float", fmt::format("{} / powf({} + {} * {}, {})", site.at(0, site.index),
                                    float_literal(op.bias),
                                    float_literal(op.alpha / static_cast<double>(op.size)), sum,
                                    float_literal(op.beta)));
}

}  // namespace nitro::plan
