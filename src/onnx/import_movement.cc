#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "base/checked.h"
#include "onnx/import_col2im.h"
#include "onnx/importers.h"
#include "onnx/read_word.h"
#include "onnx/require_operand.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

Values one(ValueId value) { return std::vector{value}; }

Values reshaped(ImportNode& node, Shape shape) {
  return one(TRY(node.reshape(TRY(require_operand(node, 0)), std::move(shape))));
}

/// Axes given as operand `i` (from opset `operand_since` on) or as attribute; normalised, unique.
Result<Ints> read_axes(ImportNode& node, size_t i, int64_t operand_since, int64_t rank) {
  Ints axes;
  if (node.opset() < operand_since) {
    axes = TRY(node.integers("axes"));
  } else if (node.has(i)) {
    axes = TRY(node.require_integers(i));
  }
  for (int64_t& axis : axes) axis = TRY(normalize_axis(axis, rank));
  Ints sorted = axes;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end()) {
    return fail(ErrorCode::kBadModel, "an axis is given twice");
  }
  return axes;
}

/// An integer list that moved from attribute `name` to operand 1 at opset `operand_since`.
Result<Ints> read_list(ImportNode& node, std::string_view name, int64_t operand_since) {
  if (node.opset() < operand_since) return node.integers(name);
  return node.require_integers(1);
}

/// `wanted` with 0 (a copied dimension) and -1 (the rest) resolved against `shape`.
Result<Shape> resolve_shape(const Shape& shape, Shape wanted, bool allow_zero) {
  size_t inferred = wanted.size();
  Shape others;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0 && !allow_zero) {
      if (i >= shape.size()) return fail(ErrorCode::kBadModel, "no dimension {} to copy", i);
      wanted[i] = shape[i];
    }
    if (wanted[i] == -1 && inferred == wanted.size()) {
      inferred = i;
    } else if (wanted[i] < 0) {
      return fail(ErrorCode::kBadModel, "shape {} has an invalid dimension", text(wanted));
    } else {
      others.push_back(wanted[i]);
    }
  }
  if (inferred == wanted.size()) return wanted;
  const auto known = checked_product(others);
  if (!known || *known == 0 || element_count(shape) % *known != 0) {
    return fail(ErrorCode::kShapeMismatch, "shape {} does not fit {}", text(wanted), text(shape));
  }
  wanted[inferred] = element_count(shape) / *known;
  return wanted;
}

Values reshape(ImportNode& node) {
  const Ints wanted = TRY(read_list(node, "shape", 5));
  const bool allow_zero = TRY(node.integer("allowzero", 0)) != 0;
  return reshaped(node, TRY(resolve_shape(node.type(0).shape, wanted, allow_zero)));
}

Values squeeze(ImportNode& node) {
  const Shape& x = node.type(0).shape;
  const Ints axes = TRY(read_axes(node, 1, 13, node.rank(0)));
  Shape shape;
  for (size_t i = 0; i < x.size(); ++i) {
    const bool listed = std::ranges::find(axes, static_cast<int64_t>(i)) != axes.end();
    if (listed && x[i] != 1) {
      return fail(ErrorCode::kShapeMismatch, "axis {} of {} is not 1", i, text(x));
    }
    if (!listed && (!axes.empty() || x[i] != 1)) shape.push_back(x[i]);
  }
  return reshaped(node, std::move(shape));
}

Values unsqueeze(ImportNode& node) {
  const Ints given = TRY(read_list(node, "axes", 13));
  if (static_cast<int64_t>(given.size()) > kMaxRank) {
    return fail(ErrorCode::kLimitExceeded, "{} axes are above the limit of {}", given.size(),
                kMaxRank);
  }
  Ints axes = TRY(read_axes(node, 1, 13, node.rank(0) + static_cast<int64_t>(given.size())));
  std::ranges::sort(axes);
  Shape shape = node.type(0).shape;
  for (int64_t axis : axes) shape.insert(shape.begin() + axis, 1);
  return reshaped(node, std::move(shape));
}

Values flatten(ImportNode& node) {
  const int64_t rank = node.rank(0);
  int64_t axis = TRY(node.integer("axis", 1));
  if (axis != rank) axis = TRY(normalize_axis(axis, rank));
  const Shape& x = node.type(0).shape;
  return reshaped(node, {element_count({x.begin(), x.begin() + axis}),
                         element_count({x.begin() + axis, x.end()})});
}

Values transpose(ImportNode& node) {
  Ints perm(static_cast<size_t>(node.rank(0)));
  std::iota(perm.rbegin(), perm.rend(), 0);
  return node.emit_all(Transpose{TRY(node.integers("perm", perm))}, {node.input(0)});
}

Values expand(ImportNode& node) {
  const ValueId x = TRY(require_operand(node, 0));
  const Ints wanted = TRY(node.require_integers(1));
  TRY(check_shape(wanted, node.type(0).dtype));
  Shape shape = TRY(broadcast(node.type(0).shape, wanted));
  if (shape == node.type(0).shape) return one(x);
  return node.emit_all(Expand{std::move(shape)}, {x});
}

/// Start, size and step of the elements that ONNX's start, end and step select of `dim`.
struct Range {
  int64_t start = 0;
  int64_t size = 0;
  int64_t step = 1;
};

Range select(int64_t start, int64_t end, int64_t step, int64_t dim) {
  // Any longer step selects one element too, and these cannot overflow.
  const int64_t longest = std::max<int64_t>(dim, 1);
  step = std::clamp(step, -longest, longest);
  if (start < 0) start += dim;
  if (end < 0) end += dim;
  const int64_t first = step > 0 ? 0 : -1;
  start = std::clamp(start, int64_t{0}, std::max<int64_t>(0, step > 0 ? dim : dim - 1));
  end = std::clamp(end, first, std::max(first, dim + first));
  const int64_t distance = step > 0 ? end - start : start - end;
  if (dim == 0 || distance <= 0) return {};
  const int64_t size = (distance - 1) / std::abs(step) + 1;
  return {start, size, size == 1 ? 1 : step};
}

Values slice(ImportNode& node) {
  const bool operands = node.opset() >= 10;
  const Ints starts = TRY(read_list(node, "starts", 10));
  const Ints ends = operands ? TRY(node.require_integers(2)) : TRY(node.integers("ends"));
  const Shape& x = node.type(0).shape;
  Ints axes = TRY(read_axes(node, 3, 10, node.rank(0)));
  if (axes.empty() && starts.size() <= x.size()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  Ints steps(starts.size(), 1);
  if (operands && node.has(4)) steps = TRY(node.require_integers(4));
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    return fail(ErrorCode::kBadModel, "starts, ends, axes and steps differ in length");
  }
  Slice op{Ints(x.size(), 0), x, Ints(x.size(), 1)};
  for (size_t i = 0; i < axes.size(); ++i) {
    if (steps[i] == 0) return fail(ErrorCode::kBadModel, "a step is zero");
    const auto axis = static_cast<size_t>(axes[i]);
    const Range range = select(starts[i], ends[i], steps[i], x[axis]);
    op.starts[axis] = range.start;
    op.sizes[axis] = range.size;
    op.steps[axis] = range.step;
  }
  if (op == Slice{Ints(x.size(), 0), x, Ints(x.size(), 1)}) {
    return one(TRY(require_operand(node, 0)));
  }
  return node.emit_all(std::move(op), {node.input(0)});
}

Values concat(ImportNode& node) {
  const int64_t axis = TRY(node.axis("axis", 1, node.rank(0)));
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < node.input_count(); ++i) {
    inputs.push_back(TRY(require_operand(node, i)));
  }
  if (inputs.size() == 1) return inputs;
  return node.emit_all(Concat{axis}, std::move(inputs));
}

/// Equal parts; from opset 18 on the last may be smaller.
Result<Ints> equal_parts(ImportNode& node, int64_t dim) {
  const auto count = static_cast<int64_t>(node.output_count());
  if (TRY(node.integer("num_outputs", count)) != count || count == 0) {
    return fail(ErrorCode::kBadModel, "num_outputs is not the number of outputs");
  }
  if (node.opset() < 18 && dim % count != 0) {
    return fail(ErrorCode::kShapeMismatch, "{} elements do not split into {} equal parts", dim,
                count);
  }
  const int64_t part = dim / count + (dim % count == 0 ? 0 : 1);
  Ints sizes;
  for (int64_t i = 0, rest = dim; i < count; ++i, rest -= sizes.back()) {
    sizes.push_back(std::min(part, rest));
  }
  return sizes;
}

Values split(ImportNode& node) {
  const ValueId x = TRY(require_operand(node, 0));
  const int64_t axis = TRY(node.axis("axis", 0, node.rank(0)));
  Ints sizes = node.opset() < 13 ? TRY(node.integers("split"))
               : node.has(1)     ? TRY(node.require_integers(1))
                                 : Ints{};
  if (sizes.empty()) {
    sizes = TRY(equal_parts(node, node.type(0).shape[static_cast<size_t>(axis)]));
  }
  if (sizes.size() < node.output_count()) {
    return fail(ErrorCode::kBadModel, "{} sizes are given for {} outputs", sizes.size(),
                node.output_count());
  }
  if (sizes.size() == 1 && sizes[0] == node.type(0).shape[static_cast<size_t>(axis)]) return one(x);
  return node.emit_all(Split{axis, std::move(sizes)}, {x});
}

Result<PadMode> pad_mode(ImportNode& node) {
  const std::string mode = TRY(node.string("mode", "constant"));
  for (size_t i = 0; i < kPadModeNames.size(); ++i) {
    if (kPadModeNames[i] == mode) return static_cast<PadMode>(i);
  }
  return fail(ErrorCode::kBadModel, "the padding mode '{}' is not known", display(mode));
}

Values pad(ImportNode& node) {
  const auto rank = static_cast<size_t>(node.rank(0));
  const bool operands = node.opset() >= 11;
  const Ints pads = TRY(read_list(node, "pads", 11));
  Ints axes = operands && node.has(3) ? TRY(read_axes(node, 3, 11, node.rank(0))) : Ints(rank);
  if (!operands || !node.has(3)) std::iota(axes.begin(), axes.end(), 0);
  if (pads.size() != 2 * axes.size()) {
    return fail(ErrorCode::kBadModel, "{} pads are given for {} axes", pads.size(), axes.size());
  }
  const PadMode mode = TRY(pad_mode(node));
  Pad op{Ints(rank, 0), Ints(rank, 0), mode, 0};
  if (!operands) op.value = TRY(node.number("value", 0));
  if (operands && node.has(2)) op.value = TRY(node.require_number(2));
  for (size_t i = 0; i < axes.size(); ++i) {
    op.before[static_cast<size_t>(axes[i])] = pads[i];
    op.after[static_cast<size_t>(axes[i])] = pads[i + axes.size()];
  }
  if (std::ranges::all_of(pads, [](int64_t amount) { return amount == 0; })) {
    return one(TRY(require_operand(node, 0)));
  }
  return node.emit_all(std::move(op), {node.input(0)});
}

/// Crops or pads each axis about its centre, an odd element at the end.
Values center_crop_pad(ImportNode& node) {
  const Shape& x = node.type(0).shape;
  const Ints sizes = TRY(node.require_integers(1));
  Ints axes = TRY(node.integers("axes"));
  if (axes.empty()) {
    axes.resize(x.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (axes.size() != sizes.size()) {
    return fail(ErrorCode::kBadModel, "{} sizes are given for {} axes", sizes.size(), axes.size());
  }
  Pad op{Ints(x.size(), 0), Ints(x.size(), 0), PadMode::kConstant, 0};
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(TRY(normalize_axis(axes[i], node.rank(0))));
    if (sizes[i] < 0) return fail(ErrorCode::kBadModel, "size {} is negative", sizes[i]);
    const int64_t added = sizes[i] - x[axis];
    op.before[axis] = added / 2;
    op.after[axis] = added - added / 2;
  }
  return node.emit_all(std::move(op), {node.input(0)});
}

Values tile(ImportNode& node) {
  return node.emit_all(Tile{TRY(node.require_integers(1))}, {node.input(0)});
}

Values depth_to_space(ImportNode& node) {
  const bool columns_first = TRY(read_word(node, "mode", "DCR", "CRD"));
  return node.emit_all(DepthToSpace{TRY(node.integer("blocksize", 0)), columns_first},
                       {node.input(0)});
}

/// Channels before the positions in the block, which the IR has no op for.
Values space_to_depth_columns_first(ImportNode& node, int64_t block) {
  const ValueId y = TRY(node.emit(SpaceToDepth{block}, {node.input(0)}));
  const Shape shape = node.type_of(y).shape;
  const int64_t channels = shape[1] / (block * block);
  const ValueId split =
      TRY(node.reshape(y, {shape[0], block * block, channels, shape[2], shape[3]}));
  return std::vector{TRY(node.reshape(TRY(node.emit(Transpose{{0, 2, 1, 3, 4}}, {split})), shape))};
}

Values space_to_depth(ImportNode& node) {
  const int64_t block = TRY(node.integer("blocksize", 0));
  if (TRY(read_word(node, "mode", "DCR", "CRD"))) return space_to_depth_columns_first(node, block);
  return node.emit_all(SpaceToDepth{block}, {node.input(0)});
}

Values trilu(ImportNode& node) {
  const bool upper = TRY(node.integer("upper", 1)) != 0;
  const int64_t k = node.has(1) ? TRY(node.require_integer(1)) : 0;
  return node.emit_all(Trilu{upper, k}, {node.input(0)});
}

constexpr ImporterRow kRows[] = {
    {"", "CenterCropPad", center_crop_pad},
    {"", "Col2Im", import_col2im},
    {"", "Concat", concat},
    {"", "DepthToSpace", depth_to_space},
    {"", "Expand", expand},
    {"", "Flatten", flatten},
    {"", "Pad", pad},
    {"", "Reshape", reshape},
    {"", "Slice", slice},
    {"", "SpaceToDepth", space_to_depth},
    {"", "Split", split},
    {"", "Squeeze", squeeze},
    {"", "Tile", tile},
    {"", "Transpose", transpose},
    {"", "Trilu", trilu},
    {"", "Unsqueeze", unsqueeze},
};

}  // namespace

std::span<const ImporterRow> movement_importers() { return kRows; }

}  // namespace nitro::onnx
