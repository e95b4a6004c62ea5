#include <algorithm>
#include <cmath>

#include "onnx/convert_tensor.h"
#include "onnx/importers.h"
#include "onnx/require_operand.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

/// Largest result of Range and EyeLike, which are stored whole.
constexpr int64_t kMaxElements = int64_t{1} << 26;

Values made(ImportNode& node, Tensor tensor) {
  return std::vector{node.add_constant(std::move(tensor))};
}

Result<void> check_size(int64_t elements) {
  if (elements <= kMaxElements) return {};
  return fail(ErrorCode::kLimitExceeded, "{} elements are above the limit of {}", elements,
              kMaxElements);
}

Values constant(ImportNode& node) {
  if (auto tensor = TRY(node.tensor("value"))) return made(node, std::move(*tensor));
  if (node.has_attribute("value_float")) {
    return made(node, Tensor::scalar(DType::kF32, TRY(node.number("value_float", 0))));
  }
  if (node.has_attribute("value_int")) {
    return made(node, Tensor::of<int64_t>(DType::kI64, {}, {TRY(node.integer("value_int", 0))}));
  }
  if (node.has_attribute("value_floats")) {
    const std::vector<double> values = TRY(node.numbers("value_floats"));
    return made(node, Tensor::of(DType::kF32, {static_cast<int64_t>(values.size())}, values));
  }
  if (node.has_attribute("value_ints")) {
    return made(node, Tensor::vector(TRY(node.integers("value_ints"))));
  }
  return node.unsupported("without a dense tensor or numbers");
}

Values constant_of_shape(ImportNode& node) {
  const Ints shape = TRY(node.require_integers(0));
  Tensor value = TRY(node.tensor("value")).value_or(Tensor::scalar(DType::kF32, 0));
  if (value.elements() != 1) return fail(ErrorCode::kBadModel, "value must have one element");
  TRY(check_shape(shape, value.dtype()));
  return node.emit_all(Expand{shape}, {node.add_constant(value.reshaped({}))});
}

Values shape(ImportNode& node) {
  TRY(require_operand(node, 0));
  const Shape& x = node.type(0).shape;
  const int64_t rank = node.rank(0);
  const auto bound = [&](int64_t index) {
    return std::clamp(index < 0 ? index + rank : index, int64_t{0}, rank);
  };
  const int64_t start = bound(TRY(node.integer("start", 0)));
  const int64_t end = std::max(start, bound(TRY(node.integer("end", rank))));
  return made(node, Tensor::vector({x.begin() + start, x.begin() + end}));
}

Values size(ImportNode& node) {
  TRY(require_operand(node, 0));
  return made(node, Tensor::of<int64_t>(DType::kI64, {}, {node.type(0).elements()}));
}

template <class T>
Values range_of(ImportNode& node, DType dtype) {
  T parameters[3] = {};
  for (size_t i = 0; i < 3; ++i) {
    const std::vector<T> values = TRY(node.require_constant(i)).as<T>();
    if (values.size() != 1) return fail(ErrorCode::kBadModel, "operand {} must be a scalar", i);
    parameters[i] = values[0];
  }
  const auto [start, limit, delta] = parameters;
  // Wide enough for any difference of int64; a count that matters is exact in it.
  const long double span = static_cast<long double>(limit) - static_cast<long double>(start);
  const long double count = std::ceil(span / static_cast<long double>(delta));
  if (!std::isfinite(count)) return fail(ErrorCode::kBadModel, "delta must not be zero");
  if (count > static_cast<long double>(kMaxElements)) {
    return fail(ErrorCode::kLimitExceeded, "more than {} elements", kMaxElements);
  }
  std::vector<T> values(static_cast<size_t>(std::max(count, 0.0L)));
  // Unsigned, as a product can leave int64 though the sum does not.
  using Wide = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] =
        static_cast<T>(static_cast<Wide>(start) + static_cast<Wide>(i) * static_cast<Wide>(delta));
  }
  return made(node, Tensor::of(dtype, {static_cast<int64_t>(values.size())}, values));
}

Values range(ImportNode& node) {
  const DType dtype = TRY(node.require_constant(0)).dtype();
  return is_float(dtype) ? range_of<double>(node, dtype) : range_of<int64_t>(node, dtype);
}

Values eye_like(ImportNode& node) {
  if (node.rank(0) != 2) return fail(ErrorCode::kShapeMismatch, "the operand must be a matrix");
  DType dtype = node.type(0).dtype;
  if (node.has_attribute("dtype")) {
    dtype = TRY(dtype_from_onnx(TRY(node.integer("dtype", 0))));
  }
  TRY(check_size(node.type(0).elements()));
  const Shape& matrix = node.type(0).shape;
  const int64_t k = std::clamp(TRY(node.integer("k", 0)), -matrix[0], matrix[1]);
  std::vector<int64_t> values(static_cast<size_t>(node.type(0).elements()), 0);
  for (int64_t row = std::max<int64_t>(0, -k); row < matrix[0] && row + k < matrix[1]; ++row) {
    values[static_cast<size_t>(row * matrix[1] + row + k)] = 1;
  }
  return made(node, Tensor::of(dtype, matrix, values));
}

Values cast_to(ImportNode& node, DType dtype) {
  const ValueId x = TRY(require_operand(node, 0));
  if (node.type(0).dtype == dtype) return std::vector{x};
  return node.emit_all(Cast{dtype}, {x});
}

Values cast(ImportNode& node) {
  return cast_to(node, TRY(dtype_from_onnx(TRY(node.integer("to", 0)))));
}

Values cast_like(ImportNode& node) {
  TRY(require_operand(node, 1));
  return cast_to(node, node.type(1).dtype);
}

constexpr ImporterRow kRows[] = {
    {"", "Cast", cast},         {"", "CastLike", cast_like},
    {"", "Constant", constant}, {"", "ConstantOfShape", constant_of_shape},
    {"", "EyeLike", eye_like},  {"", "Range", range},
    {"", "Shape", shape},       {"", "Size", size},
};

}  // namespace

std::span<const ImporterRow> constant_importers() { return kRows; }

}  // namespace nitro::onnx
