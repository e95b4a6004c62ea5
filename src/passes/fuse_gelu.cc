#include <array>
#include <cmath>
#include <map>
#include <numbers>

#include "passes/enclosed.h"
#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

constexpr size_t kDegree = 3;
/// Coefficients of x^0 … x^3.
using Cubic = std::array<double, kDegree + 1>;

std::optional<Cubic> multiply(const Cubic& a, const Cubic& b) {
  Cubic product = {};
  for (size_t i = 0; i <= kDegree; ++i) {
    for (size_t j = 0; j <= kDegree; ++j) {
      if (a[i] == 0 || b[j] == 0) continue;
      if (i + j > kDegree) return std::nullopt;
      product[i + j] += a[i] * b[j];
    }
  }
  return product;
}

/// plain + gated * g, where g is the error function or the hyperbolic tangent in the expression.
struct Expression {
  Cubic plain = {};
  Cubic gated = {};
  bool has_gate() const { return gated != Cubic{}; }
};

/// Reads arithmetic over `x` and at most one gate as polynomials, so that the order of factors and
/// operands does not matter.
class Reader {
 public:
  Reader(const Graph& graph, ValueId x, ValueId gate) : graph_(graph), x_(x), gate_(gate) {}

  std::vector<const Node*> nodes;

  std::optional<Expression> read(ValueId value, int depth = 8) {
    if (value == x_) return Expression{{0, 1}, {}};
    if (value == gate_) return Expression{{}, {1}};
    if (const auto scalar = splat(graph_, value)) return Expression{{*scalar}, {}};
    const Node* node = graph_.producer(value);
    const auto* binary = node ? std::get_if<Binary>(&node->op) : nullptr;
    if (!binary || depth == 0) return std::nullopt;
    nodes.push_back(node);
    const auto a = read(node->inputs[0], depth - 1);
    const auto b = read(node->inputs[1], depth - 1);
    return a && b ? combine(binary->kind, *a, *b) : std::nullopt;
  }

 private:
  static std::optional<Expression> combine(BinaryKind kind, const Expression& a,
                                           const Expression& b) {
    const bool scalar = b.plain == Cubic{b.plain[0]} && !b.has_gate();
    switch (kind) {
      case BinaryKind::kAdd:
        return sum(a, b);
      case BinaryKind::kMul:
        return product(a, b);
      case BinaryKind::kDiv:
        if (!scalar || b.plain[0] == 0) return std::nullopt;
        return product(a, Expression{{1 / b.plain[0]}, {}});
      case BinaryKind::kPow:
        if (!scalar || a.has_gate()) return std::nullopt;
        if (b.plain[0] == 2) return product(a, a);
        if (b.plain[0] != 3) return std::nullopt;
        if (const auto square = product(a, a)) return product(*square, a);
        return std::nullopt;
      default:
        return std::nullopt;
    }
  }
  static Expression sum(Expression a, const Expression& b) {
    for (size_t i = 0; i <= kDegree; ++i) {
      a.plain[i] += b.plain[i];
      a.gated[i] += b.gated[i];
    }
    return a;
  }
  static std::optional<Expression> product(const Expression& a, const Expression& b) {
    if (a.has_gate() && b.has_gate()) return std::nullopt;
    const auto plain = multiply(a.plain, b.plain);
    const auto left = multiply(a.plain, b.gated);
    const auto right = multiply(a.gated, b.plain);
    if (!plain || !left || !right) return std::nullopt;
    return sum(Expression{*plain, *left}, Expression{{}, *right});
  }

  const Graph& graph_;
  ValueId x_;
  ValueId gate_;
};

/// Relative error that writing a constant in a dtype, or with five digits, may cause.
double tolerance(DType dtype) {
  if (dtype == DType::kBF16) return 5e-3;
  return dtype == DType::kF16 ? 1e-3 : 2e-5;
}

bool close(const Cubic& a, const Cubic& b, double relative) {
  for (size_t i = 0; i <= kDegree; ++i) {
    if (std::abs(a[i] - b[i]) > relative * std::abs(b[i])) return false;
  }
  return true;
}

/// The values that make up `value` by binaries, nearest first.
std::vector<ValueId> arithmetic_below(const Graph& graph, ValueId value) {
  constexpr size_t kMost = 32;
  std::vector<ValueId> found = {value};
  for (size_t i = 0; i < found.size() && found.size() < kMost; ++i) {
    if (!made_by<Binary>(graph, found[i])) continue;
    for (ValueId input : graph.producer(found[i])->inputs) {
      if (!graph.constant(input)) found.push_back(input);
    }
  }
  return found;
}

/// The Erf or Tanh in the arithmetic above `root`.
const Node* find_gate(const Graph& graph, ValueId root) {
  for (ValueId value : arithmetic_below(graph, root)) {
    for (UnaryKind kind : {UnaryKind::kErf, UnaryKind::kTanh}) {
      if (const Node* gate = made_by(graph, value, kind)) return gate;
    }
  }
  return nullptr;
}

struct Match {
  ValueId x;
  Gelu op;
  std::vector<const Node*> nodes;
};

std::optional<Match> match(const Rewriter& rewriter, ValueId root) {
  const Graph& graph = rewriter.source();
  const Node* gate = find_gate(graph, root);
  if (!gate) return std::nullopt;
  const bool tanh = gate->op == Op(Unary{UnaryKind::kTanh});
  const double inner = tanh ? std::sqrt(2 / std::numbers::pi) : std::numbers::sqrt2 / 2;
  const double relative = tolerance(graph.type(root).dtype);
  for (ValueId x : arithmetic_below(graph, gate->inputs[0])) {
    if (graph.type(x) != graph.type(root)) continue;
    Reader reader(graph, x, gate->outputs[0]);
    const auto argument = reader.read(gate->inputs[0]);
    if (!argument || !close(argument->plain, {0, inner, 0, tanh ? inner * 0.044715 : 0}, relative))
      continue;
    const auto whole = reader.read(root);
    constexpr Cubic kHalf = {0, 0.5};
    if (!whole || !close(whole->plain, kHalf, relative) || !close(whole->gated, kHalf, relative))
      continue;
    reader.nodes.push_back(gate);
    if (!is_enclosed(graph, rewriter.all_uses(), reader.nodes, root)) continue;
    return Match{x, Gelu{tanh}, reader.nodes};
  }
  return std::nullopt;
}

Result<bool> fuse(Rewriter& rewriter, const Node& node) {
  if (node.op != Op(Binary{BinaryKind::kMul}) && node.op != Op(Binary{BinaryKind::kAdd}) &&
      node.op != Op(Binary{BinaryKind::kDiv})) {
    return false;
  }
  const auto found = match(rewriter, node.outputs[0]);
  if (!found) return false;
  rewriter.replace(node.outputs[0],
                   TRY(rewriter.emit(found->op, {rewriter.mapped(found->x)}, found->nodes)));
  return true;
}

}  // namespace

Result<bool> fuse_gelu(Graph& graph, const Parameters&) { return rewrite(graph, fuse, 1); }

}  // namespace nitro::passes
