#include "plan/row_work.h"

#include <algorithm>

#include "plan/trace.h"

namespace nitro::plan {
namespace {

int64_t elements_between(const Shape& shape, size_t from, size_t to) {
  return element_count({shape.begin() + static_cast<std::ptrdiff_t>(from),
                        shape.begin() + static_cast<std::ptrdiff_t>(to)});
}

bool is_in(const Fusion& fusion, NodeId id) {
  return std::ranges::find(fusion.nodes, id) != fusion.nodes.end();
}

/// The only node that computes something, if what the fusion gives is its result as it is.
const Node* only_work(const Graph& graph, const Fusion& fusion) {
  if (fusion.results.size() != 1) return nullptr;
  const Traced traced = trace(graph, fusion.results[0], [&](ValueId) { return false; });
  const NodeId id = graph.value(traced.source).producer;
  const auto computes = [&](NodeId each) { return !moves(graph, graph.node(each)); };
  if (!traced.identity() || !is_in(fusion, id) || traced.source != graph.node(id).outputs[0] ||
      std::ranges::count_if(fusion.nodes, computes) != 1) {
    return nullptr;
  }
  return &graph.node(id);
}

RowWork work_of(const LayerNormalization& op, const Graph& graph, const Node& node,
                const std::function<BufferId(ValueId)>& buffer_of) {
  const Shape& shape = graph.type(node.inputs[0]).shape;
  const auto axis = static_cast<size_t>(op.axis);
  RowWork work{RowWork::Kind::kNormalize};
  work.rows = elements_between(shape, 0, axis);
  work.columns = elements_between(shape, axis, shape.size());
  if (work.rows == 0 || work.columns < 2) return {};
  work.epsilon = op.epsilon;
  /// Parameters without effect are left out, as the code of the loop leaves them out.
  const auto parameter = [&](size_t i, double without_effect, BufferId& buffer) {
    if (i >= node.inputs.size() || node.inputs[i] == kNoValue) return true;
    const Tensor* constant = graph.constant(node.inputs[i]);
    if (!constant || constant->elements() != work.columns) return false;
    const std::vector<double> numbers = constant->as<double>();
    if (std::ranges::count(numbers, without_effect) == work.columns) return true;
    if (std::ranges::count(numbers, numbers[0]) == work.columns) return false;  // a literal there
    buffer = buffer_of(node.inputs[i]);
    return true;
  };
  return parameter(1, 1, work.scale) && parameter(2, 0, work.shift) ? work : RowWork{};
}

/// Where the elements of a tensor's axes lie, of those that are reduced or of the others.
std::vector<int64_t> offsets(const Shape& shape, const std::vector<int64_t>& axes, bool reduced) {
  const std::vector<int64_t> strides = strides_of(shape);
  std::vector<int64_t> all{0};
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if ((std::ranges::find(axes, static_cast<int64_t>(axis)) != axes.end()) != reduced) continue;
    std::vector<int64_t> next;
    for (const int64_t offset : all) {
      for (int64_t i = 0; i < shape[axis]; ++i) next.push_back(offset + i * strides[axis]);
    }
    all = std::move(next);
  }
  return all;
}

/// `x`: the operand as elements of a matrix, which may be transposed before it is reduced.
RowWork work_of(const Reduce& op, const Graph& graph, const Node& node, const Traced& x) {
  if (op.kind != ReduceKind::kMean) return {};
  const Shape& shape = graph.type(node.inputs[0]).shape;
  const std::vector<int64_t> kept = offsets(shape, op.axes, false);
  const std::vector<int64_t> reduced = offsets(shape, op.axes, true);
  if (reduced.size() < 2 || kept.empty()) return {};
  RowWork work{RowWork::Kind::kMean};
  const auto results = static_cast<int64_t>(kept.size());
  work.together = static_cast<int64_t>(reduced.size());
  work.columns = x.at(reduced[1]) - x.at(reduced[0]);
  if (work.columns < 1 || results % work.columns != 0) return {};
  work.rows = results / work.columns * work.together;
  for (int64_t i = 0; i < results; ++i) {
    const int64_t first = i / work.columns * work.together * work.columns + i % work.columns;
    for (int64_t j = 0; j < work.together; ++j) {
      const int64_t element = kept[static_cast<size_t>(i)] + reduced[static_cast<size_t>(j)];
      if (x.at(element) != first + j * work.columns) return {};
    }
  }
  return work;
}

}  // namespace

RowWork row_work(const Graph& graph, const Fusion& fusion,
                 const std::function<BufferId(ValueId)>& buffer_of) {
  const Node* node = only_work(graph, fusion);
  if (!node || !is_float(graph.type(node->inputs[0]).dtype)) return {};
  const Traced x = trace(graph, node->inputs[0], [&](ValueId value) {
    return !is_in(fusion, graph.value(value).producer);
  });
  if (graph.constant(x.source)) return {};
  RowWork work;
  if (const auto* norm = std::get_if<LayerNormalization>(&node->op); norm && x.identity()) {
    work = work_of(*norm, graph, *node, buffer_of);
  } else if (const auto* reduce = std::get_if<Reduce>(&node->op)) {
    work = work_of(*reduce, graph, *node, x);
  }
  if (work.kind != RowWork::Kind::kOther) work.x = buffer_of(x.source);
  return work;
}

}  // namespace nitro::plan
