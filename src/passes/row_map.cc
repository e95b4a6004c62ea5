#include "passes/row_map.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "reference/evaluate.h"

namespace nitro::passes {
namespace {

/// The shape of a value counted in rows: trailing axes that a row covers shrink to what is left.
struct RowShape {
  Shape dims;             // of rows
  size_t whole = 0;       // leading axes that are as in the value
  int64_t last_unit = 1;  // elements per step of the axis after them, where dims has one more
};

std::optional<RowShape> row_shape(const Shape& shape, int64_t width) {
  int64_t covered = 1;
  size_t whole = shape.size();
  while (whole > 0 && covered % width != 0) covered *= shape[--whole];
  if (covered % width != 0) return std::nullopt;
  RowShape result{Shape(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(whole)), whole,
                  width};
  // Only the axis next to the row can be cut by rows; deeper ones are inside it.
  result.last_unit = whole < shape.size() ? width * shape[whole] / covered : width;
  result.dims.push_back(covered / width);
  return result;
}

Tensor as_tensor(const RowMap& map, const Shape& dims) {
  return Tensor::of(DType::kI64, dims, map.rows);
}

/// The same movement, counted in rows; nothing if it cuts through a row.
std::optional<Op> in_rows(const Op& op, const Shape& shape, const RowShape& rows) {
  const auto rank = static_cast<int64_t>(shape.size());
  const auto whole = static_cast<int64_t>(rows.whole);
  if (const auto* transpose = std::get_if<Transpose>(&op)) {
    Transpose moved;
    for (int64_t i = 0; i < rank; ++i) {
      const int64_t axis = transpose->perm[static_cast<size_t>(i)];
      if (i >= whole ? axis != i : axis >= whole) return std::nullopt;
      if (i < whole) moved.perm.push_back(axis);
    }
    moved.perm.push_back(whole);
    return moved;
  }
  const auto scale_axis = [&](int64_t axis, int64_t amount) -> std::optional<int64_t> {
    if (axis < whole) return amount;
    if (axis == whole && rows.last_unit > 0 && amount % rows.last_unit == 0)
      return amount / rows.last_unit;
    return std::nullopt;
  };
  if (const auto* slice = std::get_if<Slice>(&op)) {
    Slice moved;
    for (int64_t axis = 0; axis < rank; ++axis) {
      const auto i = static_cast<size_t>(axis);
      if (axis > whole) {
        if (slice->starts[i] != 0 || slice->sizes[i] != shape[i] || slice->steps[i] != 1)
          return std::nullopt;
        continue;
      }
      if (axis == whole && slice->steps[i] != 1) return std::nullopt;
      const auto start = scale_axis(axis, slice->starts[i]);
      const auto size = scale_axis(axis, slice->sizes[i]);
      if (!start || !size) return std::nullopt;
      moved.starts.push_back(*start);
      moved.sizes.push_back(*size);
      moved.steps.push_back(slice->steps[i]);
    }
    if (whole == rank) {
      moved.starts.push_back(0);
      moved.sizes.push_back(rows.dims.back());
      moved.steps.push_back(1);
    }
    return moved;
  }
  if (const auto* split = std::get_if<Split>(&op)) {
    Split moved{split->axis, {}};
    for (int64_t size : split->sizes) {
      const auto scaled = scale_axis(split->axis, size);
      if (!scaled) return std::nullopt;
      moved.sizes.push_back(*scaled);
    }
    return moved;
  }
  return std::nullopt;
}

std::optional<std::vector<int64_t>> run(const Op& op, const std::vector<Tensor>& operands,
                                        size_t output) {
  std::vector<const Tensor*> pointers;
  for (const Tensor& operand : operands) pointers.push_back(&operand);
  const auto results = reference::evaluate_op(op, pointers);
  if (!results) return std::nullopt;
  return (*results)[output].as<int64_t>();
}

std::optional<RowMap> move_concat(const Graph& graph, const Node& node, const Concat& concat,
                                  const std::vector<const RowMap*>& inputs) {
  const RowMap& first = *inputs[0];
  std::vector<Tensor> operands;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i]->source != first.source || inputs[i]->width != first.width) return std::nullopt;
    const auto rows = row_shape(graph.type(node.inputs[i]).shape, first.width);
    if (!rows || concat.axis > static_cast<int64_t>(rows->whole)) return std::nullopt;
    if (concat.axis == static_cast<int64_t>(rows->whole) &&
        graph.type(node.inputs[i]).shape.size() != rows->whole + 1) {
      return std::nullopt;
    }
    operands.push_back(as_tensor(*inputs[i], rows->dims));
  }
  auto rows = run(concat, operands, 0);
  if (!rows) return std::nullopt;
  return RowMap{first.source, first.width, std::move(*rows)};
}

std::optional<RowMap> move_gather(const Graph& graph, const Node& node, const Gather& gather,
                                  const RowMap& input) {
  const Tensor* indices = graph.constant(node.inputs[1]);
  const auto rows = row_shape(graph.type(node.inputs[0]).shape, input.width);
  if (!indices || !rows || gather.axis >= static_cast<int64_t>(rows->whole)) return std::nullopt;
  auto moved = run(gather, {as_tensor(input, rows->dims), *indices}, 0);
  if (!moved) return std::nullopt;
  return RowMap{input.source, input.width, std::move(*moved)};
}

bool is_movement(const Op& op) {
  return std::holds_alternative<Reshape>(op) || std::holds_alternative<Transpose>(op) ||
         std::holds_alternative<Slice>(op) || std::holds_alternative<Split>(op) ||
         std::holds_alternative<Concat>(op) || std::holds_alternative<Gather>(op);
}

}  // namespace

std::optional<RowMap> move_rows(const Op& op, const Shape& shape, const RowMap& input) {
  if (std::holds_alternative<Reshape>(op)) return input;
  const auto rows = row_shape(shape, input.width);
  if (!rows) return std::nullopt;
  const auto moved = in_rows(op, shape, *rows);
  if (!moved) return std::nullopt;
  auto result = run(*moved, {as_tensor(input, rows->dims)}, 0);
  if (!result) return std::nullopt;
  return RowMap{input.source, input.width, std::move(*result)};
}

std::optional<RowMap> move_rows(const Graph& graph, const Node& node, size_t output,
                                const std::vector<const RowMap*>& inputs) {
  if (!is_movement(node.op) || !inputs[0]) return std::nullopt;
  if (const auto* concat = std::get_if<Concat>(&node.op)) {
    if (std::ranges::find(inputs, nullptr) != inputs.end()) return std::nullopt;
    return move_concat(graph, node, *concat, inputs);
  }
  if (const auto* gather = std::get_if<Gather>(&node.op))
    return move_gather(graph, node, *gather, *inputs[0]);
  if (std::holds_alternative<Split>(node.op)) {
    const Shape& shape = graph.type(node.inputs[0]).shape;
    const auto rows = row_shape(shape, inputs[0]->width);
    if (!rows) return std::nullopt;
    const auto moved = in_rows(node.op, shape, *rows);
    if (!moved) return std::nullopt;
    auto result = run(*moved, {as_tensor(*inputs[0], rows->dims)}, output);
    if (!result) return std::nullopt;
    return RowMap{inputs[0]->source, inputs[0]->width, std::move(*result)};
  }
  return move_rows(node.op, graph.type(node.inputs[0]).shape, *inputs[0]);
}

RowMap identity_rows(const Graph& graph, ValueId value, int64_t width) {
  RowMap map{value, width,
             std::vector<int64_t>(static_cast<size_t>(graph.type(value).elements() / width))};
  std::iota(map.rows.begin(), map.rows.end(), int64_t{0});
  return map;
}

std::optional<RowMap> trace_rows(const Graph& graph, ValueId value, ValueId source, int64_t width) {
  if (graph.type(source).elements() % width != 0) return std::nullopt;
  // The movement nodes between, found backwards, then run forwards; a chain is short.
  std::map<NodeId, bool> between;
  std::vector<ValueId> pending = {value};
  while (!pending.empty()) {
    const ValueId id = pending.back();
    pending.pop_back();
    if (id == source || graph.constant(id)) continue;
    const NodeId producer = graph.value(id).producer;
    if (producer == kNoNode || !is_movement(graph.node(producer).op) || between.size() > 64)
      return std::nullopt;
    if (!between.emplace(producer, true).second) continue;
    for (ValueId input : graph.node(producer).inputs) pending.push_back(input);
  }
  std::map<ValueId, RowMap> maps;
  maps.emplace(source, identity_rows(graph, source, width));
  for (const auto& [id, ignored] : between) {
    const Node& node = graph.node(id);
    std::vector<const RowMap*> inputs;
    for (ValueId input : node.inputs) {
      const auto found = maps.find(input);
      inputs.push_back(found == maps.end() ? nullptr : &found->second);
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (auto moved = move_rows(graph, node, i, inputs))
        maps.emplace(node.outputs[i], std::move(*moved));
    }
  }
  const auto found = maps.find(value);
  return found == maps.end() ? std::nullopt : std::optional(std::move(found->second));
}

bool is_identity(const std::vector<int64_t>& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

bool is_permutation(const std::vector<int64_t>& rows) {
  std::vector<bool> seen(rows.size(), false);
  for (int64_t row : rows) {
    if (row < 0 || row >= static_cast<int64_t>(rows.size()) || seen[static_cast<size_t>(row)])
      return false;
    seen[static_cast<size_t>(row)] = true;
  }
  return true;
}

std::vector<int64_t> inverse(const std::vector<int64_t>& permutation) {
  std::vector<int64_t> result(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i) {
    result[static_cast<size_t>(permutation[i])] = static_cast<int64_t>(i);
  }
  return result;
}

std::vector<int64_t> compose(const std::vector<int64_t>& outer, const std::vector<int64_t>& inner) {
  std::vector<int64_t> result;
  result.reserve(inner.size());
  for (int64_t row : inner) result.push_back(outer[static_cast<size_t>(row)]);
  return result;
}

}  // namespace nitro::passes
