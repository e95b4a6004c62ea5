#include <algorithm>
#include <numeric>

#include "base/checked.h"
#include "ir/axis.h"
#include "ir/infer.h"

namespace nitro {
namespace {

Result<Types> moved(const TensorType& type, Shape shape) {
  return Types{{type.dtype, std::move(shape)}};
}

bool one_per_axis(const Ints& entries, const TensorType& type) {
  return entries.size() == type.shape.size();
}

/// Whether `size` elements from `start` in steps of `step` all lie in an axis of `dim` elements.
bool slice_fits(int64_t start, int64_t size, int64_t step, int64_t dim) {
  if (step == 0 || size < 0) return false;
  if (size == 0) return true;
  const auto span = checked_mul(size - 1, step);
  const auto last = span ? checked_add(start, *span) : std::nullopt;
  return last && start >= 0 && start < dim && *last >= 0 && *last < dim;
}

}  // namespace

template <>
Result<Types> infer(const Reshape& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(check_shape(op.shape, in[0].dtype));
  TRY(in.expect()
          .that(element_count(op.shape) == in[0].elements(),
                fmt::format("shape {} has another number of elements", text(op.shape)))
          .done());
  return moved(in[0], op.shape);
}

template <>
Result<Types> infer(const Transpose& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  Ints identity(in[0].shape.size());
  std::iota(identity.begin(), identity.end(), 0);
  TRY(in.expect()
          .that(op.perm.size() == identity.size() && std::ranges::is_permutation(op.perm, identity),
                "perm is not a permutation of the axes")
          .done());
  Shape shape;
  for (int64_t axis : op.perm) shape.push_back(in[0].shape[static_cast<size_t>(axis)]);
  return moved(in[0], std::move(shape));
}

template <>
Result<Types> infer(const Expand& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  const Shape shape = TRY(broadcast(in[0].shape, op.shape));
  TRY(in.expect()
          .that(shape == op.shape, fmt::format("does not broadcast to {}", text(op.shape)))
          .done());
  return moved(in[0], shape);
}

template <>
Result<Types> infer(const Slice& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect()
          .that(one_per_axis(op.starts, in[0]) && one_per_axis(op.sizes, in[0]) &&
                    one_per_axis(op.steps, in[0]),
                "starts, sizes and steps need one entry per axis")
          .done());
  for (size_t i = 0; i < op.sizes.size(); ++i) {
    TRY(in.expect()
            .that(slice_fits(op.starts[i], op.sizes[i], op.steps[i], in[0].shape[i]),
                  fmt::format("the slice leaves axis {}", i))
            .done());
  }
  return moved(in[0], op.sizes);
}

template <>
Result<Types> infer(const Concat& op, const Operands& in) {
  TRY(in.expect().count(std::max<size_t>(1, in.count()), in.count()).done());
  TRY(in.expect().that(is_axis(op.axis, in[0]), "the axis is out of range").done());
  const auto axis = static_cast<size_t>(op.axis);
  Shape shape = in[0].shape;
  shape[axis] = 0;
  for (size_t i = 0; i < in.count(); ++i) {
    TRY(in.expect().same_dtype(0, i).rank(i, in[0].rank()).done());
    Shape wanted = in[0].shape;
    wanted[axis] = in[i].shape[axis];
    const auto sum = checked_add(shape[axis], wanted[axis]);
    TRY(in.expect().shape(i, wanted).that(sum.has_value(), "the result is too large").done());
    shape[axis] = *sum;
  }
  return moved(in[0], std::move(shape));
}

template <>
Result<Types> infer(const Split& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect()
          .that(is_axis(op.axis, in[0]), "the axis is out of range")
          .that(!op.sizes.empty(), "sizes are missing")
          .done());
  int64_t rest = in[0].shape[static_cast<size_t>(op.axis)];
  Types types;
  for (int64_t size : op.sizes) {
    TRY(in.expect().that(size >= 0 && size <= rest, "sizes do not add up to the axis").done());
    rest -= size;
    types.push_back(in[0]);
    types.back().shape[static_cast<size_t>(op.axis)] = size;
  }
  TRY(in.expect().that(rest == 0, "sizes do not add up to the axis").done());
  return types;
}

template <>
Result<Types> infer(const Pad& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect()
          .that(one_per_axis(op.before, in[0]) && one_per_axis(op.after, in[0]),
                "before and after need one entry per axis")
          .done());
  Shape shape = in[0].shape;
  for (size_t i = 0; i < shape.size(); ++i) {
    const auto padded = checked_add(shape[i], op.before[i]);
    const auto size = padded ? checked_add(*padded, op.after[i]) : std::nullopt;
    TRY(in.expect()
            .that(size && *size >= 0 && op.before[i] >= -shape[i] && op.after[i] >= -shape[i],
                  fmt::format("pads leave no valid size of axis {}", i))
            .that(op.mode == PadMode::kConstant || shape[i] > 0 || size == 0,
                  fmt::format("axis {} is empty and cannot be continued", i))
            .done());
    shape[i] = *size;
  }
  return moved(in[0], std::move(shape));
}

template <>
Result<Types> infer(const Tile& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect().that(one_per_axis(op.repeats, in[0]), "repeats need one entry per axis").done());
  Shape shape = in[0].shape;
  for (size_t i = 0; i < shape.size(); ++i) {
    const auto size = checked_mul(shape[i], op.repeats[i]);
    TRY(in.expect()
            .that(size && op.repeats[i] >= 0, fmt::format("invalid repeats of axis {}", i))
            .done());
    shape[i] = *size;
  }
  return moved(in[0], std::move(shape));
}

template <>
Result<Types> infer(const DepthToSpace& op, const Operands& in) {
  TRY(in.expect().count(1, 1).rank(0, 4).that(op.block >= 1, "block must be positive").done());
  const Shape& x = in[0].shape;
  const auto area = checked_mul(op.block, op.block);
  TRY(in.expect()
          .that(area && x[1] % *area == 0, "channels are not divisible by the square of block")
          .done());
  const auto height = checked_mul(x[2], op.block);
  const auto width = checked_mul(x[3], op.block);
  TRY(in.expect().that(height && width, "the result is too large").done());
  return moved(in[0], {x[0], x[1] / *area, *height, *width});
}

template <>
Result<Types> infer(const SpaceToDepth& op, const Operands& in) {
  TRY(in.expect().count(1, 1).rank(0, 4).that(op.block >= 1, "block must be positive").done());
  const Shape& x = in[0].shape;
  TRY(in.expect()
          .that(x[2] % op.block == 0 && x[3] % op.block == 0,
                "height and width are not divisible by block")
          .done());
  const Ints factors{x[1], op.block, op.block};
  const auto channels = checked_product(factors);
  TRY(in.expect().that(channels.has_value(), "the result is too large").done());
  return moved(in[0], {x[0], *channels, x[2] / op.block, x[3] / op.block});
}

template <>
Result<Types> infer(const Trilu&, const Operands& in) {
  TRY(in.expect().count(1, 1).rank_at_least(0, 2).done());
  return Types{in[0]};
}

}  // namespace nitro
