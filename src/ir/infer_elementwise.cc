#include "ir/infer.h"

namespace nitro {
namespace {

Result<Types> elementwise_result(DType dtype, Shape shape) {
  return Types{{dtype, std::move(shape)}};
}

std::string_view problem_with(UnaryKind kind, DType dtype) {
  switch (kind) {
    case UnaryKind::kNot:
      return dtype == DType::kBool ? "" : "operand 0 must be bool";
    case UnaryKind::kBitwiseNot:
      return is_integer(dtype) ? "" : "operand 0 must be an integer";
    case UnaryKind::kAbs:
    case UnaryKind::kNeg:
    case UnaryKind::kSign:
    case UnaryKind::kRelu:
      return dtype != DType::kBool ? "" : "operand 0 must not be bool";
    default:
      return is_float(dtype) ? "" : "operand 0 must be floating point";
  }
}

std::string_view problem_with(BinaryKind kind, DType dtype) {
  switch (kind) {
    case BinaryKind::kEqual:
      return "";
    case BinaryKind::kAnd:
    case BinaryKind::kOr:
    case BinaryKind::kXor:
      return dtype == DType::kBool ? "" : "operands must be bool";
    case BinaryKind::kBitwiseAnd:
    case BinaryKind::kBitwiseOr:
    case BinaryKind::kBitwiseXor:
    case BinaryKind::kShiftLeft:
    case BinaryKind::kShiftRight:
      return is_integer(dtype) ? "" : "operands must be integers";
    default:
      return dtype != DType::kBool ? "" : "operands must not be bool";
  }
}

bool gives_bool(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::kAnd:
    case BinaryKind::kOr:
    case BinaryKind::kXor:
    case BinaryKind::kEqual:
    case BinaryKind::kLess:
    case BinaryKind::kLessOrEqual:
    case BinaryKind::kGreater:
    case BinaryKind::kGreaterOrEqual:
      return true;
    default:
      return false;
  }
}

}  // namespace

template <>
Result<Types> infer(const Unary& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  const std::string_view problem = problem_with(op.kind, in[0].dtype);
  TRY(in.expect().that(problem.empty(), problem).done());
  return elementwise_result(op.kind == UnaryKind::kIsNaN ? DType::kBool : in[0].dtype, in[0].shape);
}

template <>
Result<Types> infer(const Activation& op, const Operands& in) {
  TRY(in.expect().count(1, 1).floating(0).done());
  return elementwise_result(op.kind == ActivationKind::kIsInf ? DType::kBool : in[0].dtype,
                            in[0].shape);
}

template <>
Result<Types> infer(const Gelu&, const Operands& in) {
  TRY(in.expect().count(1, 2).floating(0).same_dtype(0, 1).done());
  if (in.has(1)) {
    TRY(in.expect().rank_at_least(0, 1).done());
    TRY(in.expect().shape(1, {in[0].shape.back()}).done());
  }
  return Types{in[0]};
}

template <>
Result<Types> infer(const Clip& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  TRY(in.expect()
          .that(in[0].dtype != DType::kBool, "operand 0 must not be bool")
          .that(op.low == op.low && op.high == op.high, "a bound is not a number")
          .done());
  return Types{in[0]};
}

template <>
Result<Types> infer(const Binary& op, const Operands& in) {
  TRY(in.expect().count(2, 2).done());
  if (op.kind != BinaryKind::kPow) TRY(in.expect().same_dtype(0, 1).done());
  for (size_t i = 0; i < 2; ++i) {
    const std::string_view problem = problem_with(op.kind, in[i].dtype);
    TRY(in.expect().that(problem.empty(), problem).done());
  }
  Shape shape = TRY(broadcast(in[0].shape, in[1].shape));
  if (op.kind == BinaryKind::kPRelu) {
    TRY(in.expect().that(shape == in[0].shape, "the slope does not broadcast to x").done());
  }
  return elementwise_result(gives_bool(op.kind) ? DType::kBool : in[0].dtype, std::move(shape));
}

template <>
Result<Types> infer(const Where&, const Operands& in) {
  TRY(in.expect().count(3, 3).dtype(0, {DType::kBool}).same_dtype(1, 2).done());
  const Shape values = TRY(broadcast(in[1].shape, in[2].shape));
  return elementwise_result(in[1].dtype, TRY(broadcast(in[0].shape, values)));
}

template <>
Result<Types> infer(const Cast& op, const Operands& in) {
  TRY(in.expect().count(1, 1).done());
  return elementwise_result(op.to, in[0].shape);
}

}  // namespace nitro
