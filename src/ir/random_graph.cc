#include "ir/random_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "ir/infer.h"

namespace nitro {
namespace {

class Generator {
 public:
  explicit Generator(Random& random) : random_(random) {}
  Graph generate(int64_t nodes);

 private:
  using Maker = void (Generator::*)();
  void unary();
  void activation();
  void binary();
  void select();
  void reshape();
  void transpose();
  void slice();
  void concat();
  void split();
  void softmax();
  void reduce();
  void matmul();
  void normalize();

  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[random_.below(static_cast<int64_t>(choices.size()))];
  }
  ValueId any() { return pool_[static_cast<size_t>(random_.below(std::ssize(pool_)))]; }
  int64_t any_axis(ValueId x) { return random_.below(graph_.type(x).rank()); }
  Shape any_shape();
  ValueId constant(Shape shape);
  /// Appends the node where its operands fit; its results join the pool.
  void add(Op op, std::vector<ValueId> operands);

  Random& random_;
  Graph graph_;
  std::vector<ValueId> pool_;  // f32, rank at least 1, not empty
};

Shape Generator::any_shape() {
  Shape shape(static_cast<size_t>(1 + random_.below(4)));
  for (int64_t& dim : shape) dim = 1 + random_.below(4);
  return shape;
}

ValueId Generator::constant(Shape shape) {
  std::vector<double> elements(static_cast<size_t>(element_count(shape)));
  for (double& element : elements) element = random_.normal();
  return graph_.add_constant(Tensor::of(DType::kF32, std::move(shape), elements));
}

void Generator::add(Op op, std::vector<ValueId> operands) {
  const size_t number = graph_.nodes().size();
  const auto origin =
      graph_.add_origin({fmt::format("node_{}", number), fmt::format("block.{}", number / 4)});
  const auto results = graph_.add_node(std::move(op), std::move(operands), {origin});
  if (!results) return;
  for (ValueId result : *results) {
    graph_.set_value_name(result, fmt::format("value_{}", result));
    if (graph_.type(result).elements() <= 4096) pool_.push_back(result);
  }
}

void Generator::unary() {
  add(Unary{one_of({UnaryKind::kAbs, UnaryKind::kNeg, UnaryKind::kSin, UnaryKind::kTanh,
                    UnaryKind::kErf, UnaryKind::kRelu, UnaryKind::kSigmoid, UnaryKind::kHardSwish,
                    UnaryKind::kSoftplus})},
      {any()});
}

void Generator::activation() {
  if (random_.below(2) == 0) return add(Gelu{random_.below(2) == 0}, {any()});
  const double low = random_.uniform(-2, 0);
  add(Clip{low, low + random_.uniform(0, 4)}, {any()});
}

void Generator::binary() {
  const ValueId a = any();
  const Shape shape = graph_.type(a).shape;
  const ValueId b = one_of<ValueId>({any(), a, constant(shape), constant({shape.back()})});
  add(Binary{one_of({BinaryKind::kAdd, BinaryKind::kSub, BinaryKind::kMul, BinaryKind::kMin,
                     BinaryKind::kMax})},
      {a, b});
}

void Generator::select() {
  const ValueId a = any();
  const ValueId b = constant(graph_.type(a).shape);
  const auto condition = graph_.add_node(Binary{BinaryKind::kLess}, {a, b});
  if (condition) add(Where{}, {condition->front(), a, b});
}

void Generator::reshape() {
  const ValueId x = any();
  const int64_t elements = graph_.type(x).elements();
  const int64_t rows = one_of<int64_t>({1, 2, 3, 4});
  add(Reshape{elements % rows == 0 ? Ints{rows, elements / rows} : Ints{elements}}, {x});
}

void Generator::transpose() {
  const ValueId x = any();
  Ints perm(graph_.type(x).shape.size());
  std::iota(perm.begin(), perm.end(), int64_t{0});
  for (size_t i = perm.size(); i > 1; --i) {
    std::swap(perm[i - 1], perm[static_cast<size_t>(random_.below(static_cast<int64_t>(i)))]);
  }
  add(Transpose{perm}, {x});
}

void Generator::slice() {
  const ValueId x = any();
  Slice op;
  for (int64_t dim : graph_.type(x).shape) {
    op.starts.push_back(random_.below(dim));
    op.sizes.push_back(1 + random_.below(dim - op.starts.back()));
    op.steps.push_back(1);
  }
  add(op, {x});
}

void Generator::concat() {
  const ValueId x = any();
  const int64_t axis = any_axis(x);
  Shape other = graph_.type(x).shape;
  other[static_cast<size_t>(axis)] = 1 + random_.below(3);
  add(Concat{axis}, {x, constant(other)});
}

void Generator::split() {
  const ValueId x = any();
  const int64_t axis = any_axis(x);
  const int64_t size = graph_.type(x).shape[static_cast<size_t>(axis)];
  if (size > 1) add(Split{axis, {1, size - 1}}, {x});
}

void Generator::softmax() {
  const ValueId x = any();
  Softmax op;
  op.axis = any_axis(x);
  add(op, {x});
}

void Generator::reduce() {
  const ValueId x = any();
  Reduce op;
  op.kind = one_of({ReduceKind::kSum, ReduceKind::kMean, ReduceKind::kMax});
  op.axes = {any_axis(x)};
  op.keep_dims = true;
  add(op, {x});
}

void Generator::matmul() {
  const ValueId x = any();
  const Shape& shape = graph_.type(x).shape;
  if (shape.size() < 2) return;
  const ValueId weights = constant({shape.back(), 1 + random_.below(6)});
  add(MatMul{}, {x, weights});
}

void Generator::normalize() {
  const ValueId x = any();
  const int64_t width = graph_.type(x).shape.back();
  LayerNormalization op;
  op.axis = graph_.type(x).rank() - 1;
  add(op, {x, constant({width}), constant({width})});
}

Graph Generator::generate(int64_t nodes) {
  graph_.name = "random";
  for (int64_t i = 1 + random_.below(3); i > 0; --i) {
    pool_.push_back(graph_.add_input(fmt::format("input_{}", i), {DType::kF32, any_shape()}));
  }
  constexpr std::array<Maker, 13> kMakers = {
      &Generator::unary,    &Generator::activation, &Generator::binary, &Generator::select,
      &Generator::reshape,  &Generator::transpose,  &Generator::slice,  &Generator::concat,
      &Generator::split,    &Generator::softmax,    &Generator::reduce, &Generator::matmul,
      &Generator::normalize};
  for (int64_t tries = 2 * nodes; tries > 0 && std::ssize(graph_.nodes()) < nodes; --tries) {
    (this->*kMakers[static_cast<size_t>(random_.below(std::ssize(kMakers)))])();
  }
  std::vector<ValueId> outputs{pool_.back()};
  for (int64_t i = random_.below(3); i > 0; --i) outputs.push_back(any());
  std::ranges::sort(outputs);
  const auto repeated = std::ranges::unique(outputs);
  outputs.erase(repeated.begin(), repeated.end());
  graph_.set_outputs(std::move(outputs));
  return std::move(graph_);
}

}  // namespace

Graph random_graph(Random& random, int64_t nodes) { return Generator(random).generate(nodes); }

}  // namespace nitro
