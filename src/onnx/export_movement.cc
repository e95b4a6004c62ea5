#include <algorithm>
#include <limits>

#include "onnx/export_node.h"

namespace nitro::onnx {
namespace {

/// `op_type` on x and an integer list.
NodeAttributes add_with_list(std::string_view op_type, const Ints& list, ExportNode& node) {
  return node.add(op_type, {node.input(0), node.constant(Tensor::vector(list))}, {node.output()});
}

/// ONNX's exclusive end of `size` elements from `start`; one before the front needs a number that
/// no dimension reaches, as -1 is the last element.
int64_t end_of(int64_t start, int64_t size, int64_t step) {
  const int64_t end = size == 0 ? start : start + (size - 1) * step + (step > 0 ? 1 : -1);
  return end < 0 ? std::numeric_limits<int64_t>::min() : end;
}

}  // namespace

template <>
Result<void> export_op(const Reshape& op, ExportNode& node) {
  NodeAttributes attributes = add_with_list("Reshape", op.shape, node);
  if (std::ranges::find(op.shape, 0) != op.shape.end()) attributes.integer("allowzero", 1);
  return {};
}

template <>
Result<void> export_op(const Transpose& op, ExportNode& node) {
  node.add("Transpose").integers("perm", op.perm);
  return {};
}

template <>
Result<void> export_op(const Expand& op, ExportNode& node) {
  add_with_list("Expand", op.shape, node);
  return {};
}

/// Only the axes that are cut.
template <>
Result<void> export_op(const Slice& op, ExportNode& node) {
  const Shape& x = node.input_type(0).shape;
  Ints starts;
  Ints ends;
  Ints axes;
  Ints steps;
  for (size_t i = 0; i < x.size(); ++i) {
    if (op.starts[i] == 0 && op.sizes[i] == x[i] && op.steps[i] == 1) continue;
    starts.push_back(op.starts[i]);
    ends.push_back(end_of(op.starts[i], op.sizes[i], op.steps[i]));
    axes.push_back(static_cast<int64_t>(i));
    steps.push_back(op.steps[i]);
  }
  if (axes.empty()) {
    node.add("Identity");
    return {};
  }
  std::vector<std::string> inputs{node.input(0)};
  for (const Ints& list : {starts, ends, axes, steps}) {
    inputs.push_back(node.constant(Tensor::vector(list)));
  }
  node.add("Slice", std::move(inputs), {node.output()});
  return {};
}

template <>
Result<void> export_op(const Concat& op, ExportNode& node) {
  node.add("Concat").integer("axis", op.axis);
  return {};
}

/// Every result keeps its place; one that nobody reads gets a name of its own.
template <>
Result<void> export_op(const Split& op, ExportNode& node) {
  std::vector<std::string> outputs;
  for (size_t i = 0; i < op.sizes.size(); ++i) {
    outputs.push_back(node.output(i).empty() ? node.fresh_name() : node.output(i));
  }
  node.add("Split", {node.input(0), node.constant(Tensor::vector(op.sizes))}, std::move(outputs))
      .integer("axis", op.axis);
  return {};
}

template <>
Result<void> export_op(const Pad& op, ExportNode& node) {
  Ints pads = op.before;
  pads.insert(pads.end(), op.after.begin(), op.after.end());
  std::vector<std::string> inputs{node.input(0), node.constant(Tensor::vector(pads))};
  if (op.mode == PadMode::kConstant) {
    inputs.push_back(node.constant(Tensor::scalar(node.input_type(0).dtype, op.value)));
  }
  node.add("Pad", std::move(inputs), {node.output()})
      .string("mode", enum_names(op.mode)[static_cast<size_t>(op.mode)]);
  return {};
}

template <>
Result<void> export_op(const Tile& op, ExportNode& node) {
  add_with_list("Tile", op.repeats, node);
  return {};
}

template <>
Result<void> export_op(const DepthToSpace& op, ExportNode& node) {
  node.add("DepthToSpace")
      .integer("blocksize", op.block)
      .string("mode", op.columns_first ? "CRD" : "DCR");
  return {};
}

template <>
Result<void> export_op(const SpaceToDepth& op, ExportNode& node) {
  node.add("SpaceToDepth").integer("blocksize", op.block);
  return {};
}

template <>
Result<void> export_op(const Trilu& op, ExportNode& node) {
  const std::string k = node.constant(Tensor::of<int64_t>(DType::kI64, {}, {op.k}));
  node.add("Trilu", {node.input(0), k}, {node.output()}).integer("upper", op.upper);
  return {};
}

}  // namespace nitro::onnx
