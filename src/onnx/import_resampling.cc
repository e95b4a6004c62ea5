#include "onnx/import_resampling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nitro::onnx {
namespace {

/// The enumerator of a name in `names`, or kBadModel.
template <class Enum>
Result<Enum> read_enum(const ImportNode& node, std::string_view attribute,
                       std::string_view fallback) {
  const std::string value = TRY(node.string(attribute, fallback));
  const auto& names = enum_names(Enum{});
  const auto found = std::ranges::find(names, value);
  if (found == names.end()) return node.unsupported(fmt::format("with this {}", attribute));
  return static_cast<Enum>(found - names.begin());
}

Result<Interpolation> read_mode(const ImportNode& node, std::string_view fallback) {
  const std::string mode = TRY(node.string("mode", fallback));
  if (mode == "nearest") return Interpolation::kNearest;
  if (mode == "linear" || mode == "bilinear") return Interpolation::kLinear;
  if (mode == "cubic" || mode == "bicubic") return Interpolation::kCubic;
  return node.unsupported("with this mode");
}

/// In f32 like the shape inference of ONNX: 10 * 0.7 must give 7.
Result<int64_t> scaled_size(int64_t size, double scale, double part) {
  const float result =
      std::floor(static_cast<float>(size) * static_cast<float>(part) * static_cast<float>(scale));
  if (!(result >= 0 && result < 1e12F)) {
    return fail(ErrorCode::kShapeMismatch, "a scale of {} gives an impossible size", scale);
  }
  return static_cast<int64_t>(result);
}

/// The axes that region, scales and sizes speak of.
Result<Ints> read_axes(const ImportNode& node) {
  Ints axes(node.type(0).shape.size());
  std::iota(axes.begin(), axes.end(), 0);
  if (!node.has_attribute("axes")) return axes;
  axes = TRY(node.integers("axes"));
  for (int64_t& axis : axes) axis = TRY(normalize_axis(axis, node.rank(0)));
  return axes;
}

Result<void> expect_entries(const ImportNode& node, size_t i, size_t entries, size_t wanted) {
  if (entries == wanted) return {};
  return fail(ErrorCode::kBadModel, "operand {} of {} has {} entries where {} are expected", i,
              node.op_type(), entries, wanted);
}

bool is_given(const ImportNode& node, size_t i) {
  return node.has(i) && node.type(i).elements() > 0;
}

Result<void> read_region(const ImportNode& node, const Ints& axes, Resize& op) {
  const size_t rank = op.sizes.size();
  op.region.assign(2 * rank, 0);
  std::fill(op.region.begin() + static_cast<int64_t>(rank), op.region.end(), 1.0);
  const Reals region = TRY(node.require_numbers(1));
  TRY(expect_entries(node, 1, region.size(), 2 * axes.size()));
  for (size_t i = 0; i < axes.size(); ++i) {
    op.region[static_cast<size_t>(axes[i])] = region[i];
    op.region[static_cast<size_t>(axes[i]) + rank] = region[i + axes.size()];
  }
  return {};
}

Result<void> read_scales(const ImportNode& node, const Ints& axes, const Reals& scales,
                         Resize& op) {
  TRY(expect_entries(node, 2, scales.size(), axes.size()));
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    const double part = op.region.empty() ? 1 : op.region[axis + op.sizes.size()] - op.region[axis];
    op.scales[axis] = scales[i];
    op.sizes[axis] = TRY(scaled_size(op.sizes[axis], scales[i], part));
  }
  return {};
}

Result<void> read_sizes(const ImportNode& node, const Ints& axes, Resize& op) {
  const Ints sizes = TRY(node.require_integers(3));
  TRY(expect_entries(node, 3, sizes.size(), axes.size()));
  const std::string policy = TRY(node.string("keep_aspect_ratio_policy", "stretch"));
  Reals ratios;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t source = op.sizes[static_cast<size_t>(axes[i])];
    if (source < 1 || sizes[i] < 1) return node.unsupported("from or to an empty axis");
    ratios.push_back(static_cast<double>(sizes[i]) / static_cast<double>(source));
  }
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i]);
    if (policy == "stretch") {
      op.scales[axis] = ratios[i];
      op.sizes[axis] = sizes[i];
      continue;
    }
    op.scales[axis] = policy == "not_larger" ? *std::ranges::min_element(ratios)
                                             : *std::ranges::max_element(ratios);
    const double exact = op.scales[axis] * static_cast<double>(op.sizes[axis]) + 0.5;
    if (exact > 1e12) return node.unsupported("to a result of this size");
    op.sizes[axis] = static_cast<int64_t>(exact);
  }
  return {};
}

/// A Resize that keeps every axis of operand 0.
Resize unchanged(const ImportNode& node) {
  Resize op;
  op.sizes = node.type(0).shape;
  op.scales.assign(op.sizes.size(), 1);
  return op;
}

/// Opset 10 and Upsample: coordinates divided by the scale; nearest rounds down, or up where the
/// axis shrinks.
Result<std::vector<ValueId>> emit_old_resize(ImportNode& node, const Reals& scales) {
  Resize op = unchanged(node);
  op.mode = TRY(read_mode(node, "nearest"));
  op.coordinates = ResizeCoordinates::kAsymmetric;
  const bool shrinks = std::ranges::any_of(scales, [](double scale) { return scale < 1; });
  op.nearest = shrinks ? NearestMode::kCeil : NearestMode::kFloor;
  TRY(read_scales(node, TRY(read_axes(node)), scales, op));
  return node.emit_all(op, {node.input(0)});
}

}  // namespace

Result<std::vector<ValueId>> import_upsample(ImportNode& node) {
  return emit_old_resize(
      node, node.opset() < 9 ? TRY(node.numbers("scales")) : TRY(node.require_numbers(1)));
}

Result<std::vector<ValueId>> import_resize(ImportNode& node) {
  if (node.opset() < 11) return emit_old_resize(node, TRY(node.require_numbers(1)));
  Resize op = unchanged(node);
  op.mode = TRY(read_mode(node, "nearest"));
  op.coordinates =
      TRY(read_enum<ResizeCoordinates>(node, "coordinate_transformation_mode", "half_pixel"));
  op.nearest = TRY(read_enum<NearestMode>(node, "nearest_mode", "round_prefer_floor"));
  op.cubic_coefficient = TRY(node.number("cubic_coeff_a", -0.75));
  op.exclude_outside = TRY(node.integer("exclude_outside", 0)) != 0;
  op.extrapolation = TRY(node.number("extrapolation_value", 0));
  op.antialias = TRY(node.integer("antialias", 0)) != 0 && op.mode != Interpolation::kNearest;
  const Ints axes = TRY(read_axes(node));
  if (op.coordinates == ResizeCoordinates::kCropAndResize) TRY(read_region(node, axes, op));
  if (is_given(node, 3)) {
    TRY(read_sizes(node, axes, op));
  } else {
    TRY(read_scales(node, axes, TRY(node.require_numbers(2)), op));
  }
  return node.emit_all(op, {node.input(0)});
}

Result<std::vector<ValueId>> import_grid_sample(ImportNode& node) {
  const GridSample op{TRY(read_mode(node, "linear")),
                      TRY(read_enum<GridPadding>(node, "padding_mode", "zeros")),
                      TRY(node.integer("align_corners", 0)) != 0};
  return node.emit_all(op, {node.input(0), node.input(1)});
}

}  // namespace nitro::onnx
