#include <algorithm>

#include "base/checked.h"
#include "ir/axis.h"
#include "ir/infer.h"

namespace nitro {
namespace {

constexpr std::string_view kAxisOutOfRange = "the axis is out of range";

/// Whether `indices` addresses elements of `data` in place on every axis but `axis`.
bool indices_fit(const TensorType& data, const TensorType& indices, int64_t axis) {
  if (data.rank() != indices.rank()) return false;
  for (size_t i = 0; i < data.shape.size(); ++i) {
    if (static_cast<int64_t>(i) != axis && indices.shape[i] > data.shape[i]) return false;
  }
  return true;
}

Result<void> check_indices(const Operands& in) {
  return in.expect().dtype(1, {DType::kI32, DType::kI64}).done();
}

/// `shape` without its first `count` axes, appended to `head`.
Shape append_tail(Shape head, const Shape& shape, int64_t count) {
  head.insert(head.end(), shape.begin() + count, shape.end());
  return head;
}

}  // namespace

template <>
Result<Types> infer(const Gather& op, const Operands& in) {
  TRY(in.expect().count(2, 2).done());
  TRY(check_indices(in));
  TRY(in.expect().that(is_axis(op.axis, in[0]), kAxisOutOfRange).done());
  Shape shape(in[0].shape.begin(), in[0].shape.begin() + op.axis);
  shape.insert(shape.end(), in[1].shape.begin(), in[1].shape.end());
  return Types{{in[0].dtype, append_tail(std::move(shape), in[0].shape, op.axis + 1)}};
}

template <>
Result<Types> infer(const GatherElements& op, const Operands& in) {
  TRY(in.expect().count(2, 2).done());
  TRY(check_indices(in));
  TRY(in.expect()
          .that(is_axis(op.axis, in[0]), kAxisOutOfRange)
          .that(indices_fit(in[0], in[1], op.axis), "indices do not fit the data")
          .done());
  return Types{{in[0].dtype, in[1].shape}};
}

template <>
Result<Types> infer(const GatherND& op, const Operands& in) {
  TRY(in.expect().count(2, 2).rank_at_least(0, 1).rank_at_least(1, 1).done());
  TRY(check_indices(in));
  const int64_t batch = op.batch_dims;
  TRY(in.expect()
          .that(batch >= 0 && batch < std::min(in[0].rank(), in[1].rank()),
                "batch_dims is out of range")
          .done());
  const int64_t depth = in[1].shape.back();
  TRY(in.expect()
          .that(depth >= 1 && depth <= in[0].rank() - batch,
                "the last dimension of the indices does not fit the rank of the data")
          .that(std::equal(in[0].shape.begin(), in[0].shape.begin() + batch, in[1].shape.begin()),
                "batch dimensions differ")
          .done());
  Shape shape(in[1].shape.begin(), in[1].shape.end() - 1);
  return Types{{in[0].dtype, append_tail(std::move(shape), in[0].shape, batch + depth)}};
}

template <>
Result<Types> infer(const ScatterElements& op, const Operands& in) {
  TRY(in.expect().count(3, 3).same_dtype(0, 2).done());
  TRY(check_indices(in));
  TRY(in.expect()
          .that(is_axis(op.axis, in[0]), kAxisOutOfRange)
          .that(indices_fit(in[0], in[1], op.axis), "indices do not fit the data")
          .shape(2, in[1].shape)
          .done());
  return Types{in[0]};
}

template <>
Result<Types> infer(const ScatterND&, const Operands& in) {
  TRY(in.expect().count(3, 3).same_dtype(0, 2).rank_at_least(0, 1).rank_at_least(1, 1).done());
  TRY(check_indices(in));
  const int64_t depth = in[1].shape.back();
  TRY(in.expect()
          .that(depth <= in[0].rank(), "the last dimension of the indices is above the data's rank")
          .done());
  const Shape head(in[1].shape.begin(), in[1].shape.end() - 1);
  TRY(in.expect().shape(2, append_tail(head, in[0].shape, depth)).done());
  return Types{in[0]};
}

template <>
Result<Types> infer(const OneHot& op, const Operands& in) {
  TRY(in.expect().count(2, 2).shape(1, {2}).done());
  TRY(in.expect()
          .that(in[0].dtype != DType::kBool, "indices must not be bool")
          .that(op.axis >= 0 && op.axis <= in[0].rank(), kAxisOutOfRange)
          .that(op.depth >= 0, "depth is negative")
          .done());
  Shape shape = in[0].shape;
  shape.insert(shape.begin() + op.axis, op.depth);
  return Types{{in[1].dtype, std::move(shape)}};
}

template <>
Result<Types> infer(const TopK& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect()
          .that(in[0].dtype != DType::kBool, "operand 0 must not be bool")
          .that(is_axis(op.axis, in[0]), kAxisOutOfRange)
          .done());
  Shape shape = in[0].shape;
  int64_t& dim = shape[static_cast<size_t>(op.axis)];
  TRY(in.expect()
          .that(op.k >= 0 && op.k <= dim, fmt::format("k = {} is out of range", op.k))
          .done());
  dim = op.k;
  return Types{{in[0].dtype, shape}, {DType::kI64, shape}};
}

template <>
Result<Types> infer(const ArgReduce& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect()
          .that(in[0].dtype != DType::kBool, "operand 0 must not be bool")
          .that(is_axis(op.axis, in[0]), kAxisOutOfRange)
          .done());
  Shape shape = in[0].shape;
  const auto position = shape.begin() + op.axis;
  TRY(in.expect().that(*position > 0, "the axis is empty").done());
  if (op.keep_dims) {
    *position = 1;
  } else {
    shape.erase(position);
  }
  return Types{{DType::kI64, std::move(shape)}};
}

template <>
Result<Types> infer(const CumSum& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect()
          .that(in[0].dtype != DType::kBool, "operand 0 must not be bool")
          .that(is_axis(op.axis, in[0]), kAxisOutOfRange)
          .done());
  return Types{in[0]};
}

template <>
Result<Types> infer(const ReverseSequence& op, const Operands& in) {
  TRY(in.expect().count(2, 2).rank_at_least(0, 2).dtype(1, {DType::kI64}).done());
  const bool axes_known =
      (op.batch_axis == 0 && op.time_axis == 1) || (op.batch_axis == 1 && op.time_axis == 0);
  TRY(in.expect().that(axes_known, "the axes must be 0 and 1").done());
  TRY(in.expect().shape(1, {in[0].shape[static_cast<size_t>(op.batch_axis)]}).done());
  return Types{in[0]};
}

}  // namespace nitro
