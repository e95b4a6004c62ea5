#include <algorithm>
#include <cmath>

#include "ir/window.h"
#include "onnx/export_node.h"

namespace nitro::onnx {
namespace {

Ints joined(Ints before, const Ints& after) {
  before.insert(before.end(), after.begin(), after.end());
  return before;
}

/// Whether the output has the rounded-down size on every axis; else ceil_mode must be set.
bool rounds_down(const Pool& op, const Shape& input) {
  for (size_t i = 0; i < op.out.size(); ++i) {
    const int64_t room = input[i + 2] + op.pads_before[i] + op.pads_after[i] -
                         dilated_extent(op.kernel[i], op.dilations[i]);
    if (op.out[i] != room / op.strides[i] + 1) return false;
  }
  return true;
}

/// Whether ONNX derives the sizes from the scales, which are f32: runtimes multiply in f32 or f64,
/// and three times 7 / 3 rounds to 7 in the one and down to 6 in the other.
bool follows_from_scales(const Resize& op, const Shape& input) {
  for (size_t i = 0; i < input.size(); ++i) {
    const auto scale = static_cast<float>(op.scales[i]);
    const float size = std::floor(static_cast<float>(input[i]) * scale);
    const double exact = std::floor(static_cast<double>(input[i]) * static_cast<double>(scale));
    if (static_cast<float>(op.sizes[i]) != size || static_cast<double>(op.sizes[i]) != exact)
      return false;
  }
  return true;
}

/// Whether the scales follow from the sizes.
bool follows_from_sizes(const Resize& op, const Shape& input) {
  for (size_t i = 0; i < input.size(); ++i) {
    const double ratio = static_cast<double>(op.sizes[i]) / static_cast<double>(input[i]);
    if (std::abs(op.scales[i] - ratio) > 1e-7 * ratio) return false;
  }
  return true;
}

std::string_view name_of(auto value) { return enum_names(value)[static_cast<size_t>(value)]; }

/// The mode of a GridSample before opset 20.
std::string_view name_for_images(Interpolation mode) {
  if (mode == Interpolation::kLinear) return "bilinear";
  return mode == Interpolation::kCubic ? "bicubic" : "nearest";
}

/// Before opset 18, when axes were an attribute, of all but ReduceSum; without axes the reduction
/// of each element alone.
Result<void> export_with_attribute(const Reduce& op, ExportNode& node) {
  if (op.axes.empty()) {
    return fail(ErrorCode::kUnsupportedOp, "Reduce{} over no axis has no form in opset {}",
                name_of(op.kind), node.opset());
  }
  node.add(fmt::format("Reduce{}", name_of(op.kind)))
      .integers("axes", op.axes)
      .integer("keepdims", op.keep_dims ? 1 : 0);
  return {};
}

}  // namespace

template <>
Result<void> export_op(const Pool& op, ExportNode& node) {
  const std::string op_type = fmt::format("{}Pool", name_of(op.kind));
  std::vector<std::string> results{node.output()};
  if (op.kind == PoolKind::kMax) results.push_back(node.output(1));
  NodeAttributes attributes = node.add(op_type, node.inputs(), results);
  const bool dilates = std::ranges::any_of(op.dilations, [](int64_t by) { return by != 1; });
  if (dilates) attributes.integers("dilations", op.dilations);
  attributes.integers("kernel_shape", op.kernel)
      .integers("strides", op.strides)
      .integers("pads", joined(op.pads_before, op.pads_after));
  // Before opset 18 LpPool has no such attribute.
  if (!rounds_down(op, node.input_type(0).shape)) attributes.integer("ceil_mode", 1);
  if (op.kind == PoolKind::kAverage && op.count_padding) attributes.integer("count_include_pad", 1);
  if (op.kind == PoolKind::kLp) attributes.integer("p", op.p);
  if (op.columns_first) attributes.integer("storage_order", 1);
  return {};
}

template <>
Result<void> export_op(const Reduce& op, ExportNode& node) {
  const std::string op_type = fmt::format("Reduce{}", name_of(op.kind));
  if (node.opset() < 18 && op.kind != ReduceKind::kSum) return export_with_attribute(op, node);
  const std::string axes = node.constant(Tensor::vector(op.axes));
  NodeAttributes attributes = node.add(op_type, {node.input(0), axes}, {node.output()});
  attributes.integer("keepdims", op.keep_dims ? 1 : 0);
  if (op.axes.empty()) attributes.integer("noop_with_empty_axes", 1);
  return {};
}

template <>
Result<void> export_op(const Resize& op, ExportNode& node) {
  const Shape& input = node.input_type(0).shape;
  const auto rank = static_cast<int64_t>(input.size());
  std::string region, scales, sizes;
  if (!op.region.empty()) {
    region = node.constant(Tensor::of<double>(DType::kF32, {2 * rank}, op.region));
  }
  if (follows_from_scales(op, input) && op.region.empty()) {
    scales = node.constant(Tensor::of<double>(DType::kF32, {rank}, op.scales));
  } else if (follows_from_sizes(op, input)) {
    sizes = node.constant(Tensor::vector(op.sizes));
  } else {
    return fail(ErrorCode::kUnsupportedOp,
                "Resize has scales and sizes that ONNX cannot express together");
  }
  NodeAttributes attributes =
      node.add("Resize", {node.input(0), region, scales, sizes}, {node.output()});
  attributes.string("mode", name_of(op.mode))
      .string("coordinate_transformation_mode", name_of(op.coordinates));
  if (op.mode == Interpolation::kNearest) attributes.string("nearest_mode", name_of(op.nearest));
  if (op.mode == Interpolation::kCubic) {
    attributes.number("cubic_coeff_a", op.cubic_coefficient);
  }
  if (op.exclude_outside) attributes.integer("exclude_outside", 1);
  if (op.extrapolation != 0) attributes.number("extrapolation_value", op.extrapolation);
  if (op.antialias) attributes.integer("antialias", 1);
  return {};
}

template <>
Result<void> export_op(const GridSample& op, ExportNode& node) {
  node.add("GridSample")
      .string("mode", node.opset() < 20 ? name_for_images(op.mode) : name_of(op.mode))
      .string("padding_mode", name_of(op.padding))
      .integer("align_corners", op.align_corners ? 1 : 0);
  return {};
}

}  // namespace nitro::onnx
