#include <fmt/core.h>

#include "ir/attention_sizes.h"
#include "plan/element_code.h"

namespace nitro::plan {
namespace {

using Element = std::function<std::string(const Index&)>;

/// Attention on operands whose elements are given by their index in what they are for the op.
struct Problem {
  AttentionSizes sizes;
  bool by_token = false;  // [batch, tokens, heads * size] instead of [batch, heads, tokens, size]
  double scale = 1;
  double softcap = 0;
  bool causal = false;
  Element q, k, v;
  size_t bias = 0;  // operand
};

/// Which query a result belongs to.
struct Query {
  Index batch, head, key_head, query;
};

Index place(const Problem& op, const Index& batch, const Index& head, int64_t heads,
            const Index& token, int64_t tokens, const Index& channel, int64_t size) {
  if (op.by_token) return ((batch * tokens + token) * heads + head) * size + channel;
  return ((batch * heads + head) * tokens + token) * size + channel;
}

/// What is added to a score, or the score where the bias keeps it.
std::string biased(const Site& site, const Problem& op, const Query& at, const Index& key,
                   const std::string& score) {
  Writer& w = site.w();
  if (!site.has(op.bias)) return score;
  const AttentionSizes& sizes = op.sizes;
  const Index x =
      ((at.batch * sizes.heads + at.head) * sizes.queries + at.query) * sizes.keys + key;
  const Shape scores{sizes.batch, sizes.heads, sizes.queries, sizes.keys};
  const std::string bias = site.at(op.bias, w.broadcast(x, site.in(op.bias).shape, scores));
  if (site.in(op.bias).dtype != DType::kBool) return w.let("float", score + " + " + bias);
  return w.let("float", fmt::format("{} ? {} : {}", bias, score,
                                    float_literal(-std::numeric_limits<double>::infinity())));
}

std::string score_of(const Site& site, const Problem& op, const Query& at, const Index& key) {
  Writer& w = site.w();
  const AttentionSizes& sizes = op.sizes;
  const std::string sum = w.variable("float", "0.0f");
  const Index c = w.loop(sizes.head_size);
  const std::string q =
      op.q(place(op, at.batch, at.head, sizes.heads, at.query, sizes.queries, c, sizes.head_size));
  const std::string k =
      op.k(place(op, at.batch, at.key_head, sizes.key_heads, key, sizes.keys, c, sizes.head_size));
  w.line(fmt::format("{} += {} * {};", sum, q, k));
  w.close();
  std::string score = w.let("float", fmt::format("{} * {}", sum, float_literal(op.scale)));
  if (op.softcap != 0) {
    score = w.let("float", fmt::format("{1} * tanhf({0} / {1})", score, float_literal(op.softcap)));
  }
  score = biased(site, op, at, key, score);
  if (!op.causal) return score;
  return w.let("float",
               fmt::format("{} > {} ? {} : {}", key.text(), at.query.text(),
                           float_literal(-std::numeric_limits<double>::infinity()), score));
}

/// The largest score of a query and 1 / the sum of exp(score - largest); both 0 where it sees no
/// key.
std::pair<std::string, std::string> softmax_of(const Site& site, const Problem& op, const Query& at,
                                               const Index& row) {
  Writer& w = site.w();
  const std::string key = fmt::format("attention {} {}", site.node.outputs[0], row.text());
  if (std::string known = w.remembered(key); !known.empty()) {
    return {known, w.remembered(key + " total")};
  }
  const std::string none = float_literal(-std::numeric_limits<double>::infinity());
  const std::string largest = w.variable("float", none);
  const Writer::Accumulator maximum[] = {{largest, Combine::kMaximum}};
  w.reduce(op.sizes.keys, maximum, [&](const Index& k) {
    w.line(fmt::format("{0} = fmaxf({0}, {1});", largest, score_of(site, op, at, k)));
  });
  const std::string most = w.let("float", fmt::format("{0} == {1} ? 0.0f : {0}", largest, none));
  const std::string sum = w.variable("float", "0.0f");
  const Writer::Accumulator sums[] = {{sum, Combine::kSum}};
  w.reduce(op.sizes.keys, sums, [&](const Index& k) {
    w.line(fmt::format("{} += expf({} - {});", sum, score_of(site, op, at, k), most));
  });
  const std::string total = w.let("float", fmt::format("{0} == 0.0f ? 0.0f : 1.0f / {0}", sum));
  w.remember(key, most);
  w.remember(key + " total", total);
  return {most, total};
}

std::string attend(const Site& site, const Problem& op) {
  Writer& w = site.w();
  const AttentionSizes& sizes = op.sizes;
  const auto [row, channel] = w.divide(site.index, sizes.value_size);
  Query at;
  Index rest;
  if (op.by_token) {
    std::tie(rest, at.head) = w.divide(row, sizes.heads);
    std::tie(at.batch, at.query) = w.divide(rest, sizes.queries);
  } else {
    std::tie(rest, at.query) = w.divide(row, sizes.queries);
    std::tie(at.batch, at.head) = w.divide(rest, sizes.heads);
  }
  at.key_head = w.divide(at.head, sizes.heads / sizes.key_heads).first;
  const auto [most, total] = softmax_of(site, op, at, row);
  if (site.shared_only) return {};
  const std::string sum = w.variable("float", "0.0f");
  const Index key = w.loop(sizes.keys);
  const std::string score = score_of(site, op, at, key);
  const std::string value = op.v(place(op, at.batch, at.key_head, sizes.key_heads, key, sizes.keys,
                                       channel, sizes.value_size));
  w.line(fmt::format("{} += expf({} - {}) * {};", sum, score, most, value));
  w.close();
  return w.let("float", fmt::format("{} * {}", sum, total));
}

AttentionSizes sizes_of(const nitro::Attention& op, const Graph& graph, const Node& node) {
  const TensorType* types[] = {&graph.type(node.inputs[0]), &graph.type(node.inputs[1]),
                               &graph.type(node.inputs[2])};
  return attention_sizes(op, Operands("Attention", types)).value();  // infer() accepted them
}

}  // namespace

Rows rows_of(const nitro::Attention& op, const Graph& graph, const Node& node) {
  return {sizes_of(op, graph, node).value_size, 1};
}

std::string code(const nitro::Attention& op, const Site& site) {
  Problem problem;
  problem.sizes = sizes_of(op, site.values.graph(), site.node);
  problem.by_token = site.in(0).rank() == 3;
  problem.scale = op.scale;
  problem.softcap = op.softcap;
  problem.causal = op.causal;
  problem.q = [&](const Index& x) { return site.at(0, x); };
  problem.k = [&](const Index& x) { return site.at(1, x); };
  problem.v = [&](const Index& x) { return site.at(2, x); };
  problem.bias = 3;
  return attend(site, problem);
}

Rows rows_of(const ProjectedAttention& op, const Graph& graph, const Node& node) {
  return {graph.type(node.outputs[0]).shape.back() / op.heads, 1};
}

std::string code(const ProjectedAttention& op, const Site& site) {
  Writer& w = site.w();
  const Shape& x = site.in(0).shape;
  const int64_t width = site.out().shape.back();
  const int64_t size = width / op.heads;
  /// Element of part 0, 1 or 2 of the projection.
  const auto projected = [&](int64_t part) {
    return [&, part](const Index& element) {
      const auto [token, own] = w.divide(element, width);
      const Index column = own + Index::constant(part * width);
      const std::string sum = w.variable("float", site.at(2, column));
      const Index c = w.loop(x[2]);
      w.line(fmt::format("{} += {} * {};", sum, site.at(0, token * x[2] + c),
                         site.at(1, c * (3 * width) + column)));
      w.close();
      return w.let("float", sum);
    };
  };
  Problem problem;
  problem.sizes = {x[0], op.heads, op.heads, x[1], x[1], size, size};
  problem.by_token = true;
  problem.scale = op.scale;
  problem.q = projected(0);
  problem.k = projected(1);
  problem.v = projected(2);
  problem.bias = 3;
  return attend(site, problem);
}

}  // namespace nitro::plan
