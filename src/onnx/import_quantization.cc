#include <algorithm>

#include "onnx/import_convolution.h"
#include "onnx/import_matmul.h"
#include "onnx/importers.h"

namespace nitro::onnx {
namespace {

using Values = Result<std::vector<ValueId>>;

/// Codes of TensorProto.DataType.
constexpr int64_t kUndefined = 0;
constexpr int64_t kUint8 = 2;
constexpr int64_t kInt8 = 3;

Result<int64_t> read_axis(const ImportNode& node) {
  if (TRY(node.integer("block_size", 0)) != 0) return node.unsupported("with blocks");
  const bool per_tensor = !node.has(1) || node.type(1).elements() == 1;
  return per_tensor ? 0 : TRY(node.axis("axis", 1, node.rank(0)));
}

Values import_quantize_linear(ImportNode& node) {
  const int64_t dtype = TRY(node.integer("output_dtype", kUndefined));
  if (dtype != kUndefined && dtype != kUint8 && dtype != kInt8) {
    return node.unsupported("to this dtype");
  }
  std::vector<ValueId> operands{node.input(0), node.input(1)};
  if (node.has(2)) {
    operands.push_back(node.input(2));
  } else if (dtype == kInt8) {
    operands.push_back(node.add_constant(Tensor({DType::kI8, node.type(1).shape})));
  }
  return node.emit_all(QuantizeLinear{TRY(read_axis(node))}, operands);
}

Values import_dequantize_linear(ImportNode& node) {
  if (TRY(node.integer("output_dtype", kUndefined)) != kUndefined) {
    return node.unsupported("to a dtype other than that of the scale");
  }
  std::vector<ValueId> operands{node.input(0), node.input(1)};
  if (node.has(2)) operands.push_back(node.input(2));
  return node.emit_all(DequantizeLinear{TRY(read_axis(node))}, operands);
}

Values import_dynamic_quantize_linear(ImportNode& node) {
  std::vector<ValueId> results = TRY(node.emit_all(DynamicQuantizeLinear{}, {node.input(0)}));
  results.resize(std::min(results.size(), node.output_count()));
  return results;
}

/// A zero point [.., n, 1] or [.., 1, n] as [n]; one element stays as it is.
Result<ValueId> flat_zero_point(ImportNode& node, ValueId zero) {
  if (zero == kNoValue || node.type_of(zero).rank() <= 1) return zero;
  return node.reshape(zero, {node.type_of(zero).elements()});
}

/// The i32 product of two operands with their zero points.
Result<ValueId> integer_product(ImportNode& node, ValueId a, ValueId b, ValueId a_zero,
                                ValueId b_zero) {
  return emit_product(node, MatMulInteger{}, a, b,
                      {TRY(flat_zero_point(node, a_zero)), TRY(flat_zero_point(node, b_zero))});
}

Values import_matmul_integer(ImportNode& node) {
  return std::vector{
      TRY(integer_product(node, node.input(0), node.input(1), node.input(2), node.input(3)))};
}

Values import_conv_integer(ImportNode& node) {
  const Conv conv = TRY(read_convolution(node, 0, 1));
  const ConvInteger op{conv.strides, conv.dilations, conv.pads_before, conv.pads_after, conv.group};
  return node.emit_all(op, {node.input(0), node.input(1), node.input(2), node.input(3)});
}

Result<ValueId> binary(ImportNode& node, BinaryKind kind, ValueId a, ValueId b) {
  return node.emit(Binary{kind}, {a, b});
}

/// Operands first, first + 1 and first + 2: a tensor, its scale and its zero point.
Result<ValueId> dequantized(ImportNode& node, size_t first, int64_t axis) {
  return node.emit(DequantizeLinear{axis},
                   {node.input(first), node.input(first + 1), node.input(first + 2)});
}

/// `value` quantised by operands first (scale) and first + 1 (zero point).
Values quantized(ImportNode& node, ValueId value, size_t first) {
  return node.emit_all(QuantizeLinear{}, {value, node.input(first), node.input(first + 1)});
}

Values import_qlinear_matmul(ImportNode& node) {
  const ValueId a = TRY(dequantized(node, 0, std::max<int64_t>(0, node.rank(0) - 2)));
  const ValueId b = TRY(dequantized(node, 3, std::max<int64_t>(0, node.rank(3) - 1)));
  return quantized(node, TRY(emit_product(node, MatMul{}, a, b)), 6);
}

/// The bias is i32 in units of the product of both scales.
Values import_qlinear_conv(ImportNode& node) {
  const Conv op = TRY(read_convolution(node, 0, 3));
  std::vector<ValueId> operands{TRY(dequantized(node, 0, 0)), TRY(dequantized(node, 3, 0))};
  if (node.has(8)) {
    const ValueId scale = TRY(binary(node, BinaryKind::kMul, node.input(1), node.input(4)));
    operands.push_back(TRY(node.emit(DequantizeLinear{0}, {node.input(8), scale})));
  }
  return quantized(node, TRY(node.emit(op, operands)), 6);
}

template <BinaryKind kKind>
Values import_qlinear_binary(ImportNode& node) {
  const ValueId a = TRY(dequantized(node, 0, 0));
  const ValueId b = TRY(dequantized(node, 3, 0));
  return quantized(node, TRY(binary(node, kKind, a, b)), 6);
}

Values import_qlinear_sigmoid(ImportNode& node) {
  const ValueId x = TRY(dequantized(node, 0, 0));
  return quantized(node, TRY(node.emit(Unary{UnaryKind::kSigmoid}, {x})), 3);
}

Values import_qlinear_leaky_relu(ImportNode& node) {
  const ValueId x = TRY(dequantized(node, 0, 0));
  const Activation op{ActivationKind::kLeakyRelu, TRY(node.number("alpha", 0.01)), 0};
  return quantized(node, TRY(node.emit(op, {x})), 3);
}

Values import_qlinear_global_average_pool(ImportNode& node) {
  const bool channels_last = TRY(node.integer("channels_last", 0)) != 0;
  Reduce mean{ReduceKind::kMean, {}, true};
  const int64_t first = channels_last ? 1 : 2;
  for (int64_t axis = first; axis < node.rank(0) - (channels_last ? 1 : 0); ++axis) {
    mean.axes.push_back(axis);
  }
  return quantized(node, TRY(node.emit(mean, {TRY(dequantized(node, 0, 0))})), 3);
}

/// Operands: scale and zero point of the result, then triples.
Values import_qlinear_concat(ImportNode& node) {
  const int64_t axis = TRY(node.axis("axis", 0, node.rank(2)));
  std::vector<ValueId> parts;
  for (size_t i = 2; i + 2 < node.input_count(); i += 3) {
    parts.push_back(TRY(dequantized(node, i, 0)));
  }
  return quantized(node, TRY(node.emit(Concat{axis}, parts)), 0);
}

/// The i32 `product` in units of both scales, plus an optional bias.
Values scaled(ImportNode& node, ValueId product, ValueId a_scale, ValueId b_scale, ValueId bias) {
  if (a_scale == kNoValue || b_scale == kNoValue) {
    return fail(ErrorCode::kBadModel, "{} lacks a scale", node.op_type());
  }
  const ValueId scale = TRY(binary(node, BinaryKind::kMul, a_scale, b_scale));
  const ValueId real = TRY(node.emit(Cast{node.type_of(a_scale).dtype}, {product}));
  ValueId y = TRY(binary(node, BinaryKind::kMul, real, scale));
  if (bias != kNoValue) y = TRY(binary(node, BinaryKind::kAdd, y, bias));
  return std::vector{y};
}

Values import_matmul_integer_to_float(ImportNode& node) {
  const ValueId product =
      TRY(integer_product(node, node.input(0), node.input(1), node.input(4), node.input(5)));
  return scaled(node, product, node.input(2), node.input(3), node.input(6));
}

Values import_dynamic_quantize_matmul(ImportNode& node) {
  const std::vector<ValueId> a = TRY(node.emit_all(DynamicQuantizeLinear{}, {node.input(0)}));
  const ValueId product = TRY(integer_product(node, a[0], node.input(1), a[2], node.input(3)));
  return scaled(node, product, a[1], node.input(2), node.input(4));
}

}  // namespace

std::span<const ImporterRow> quantization_importers() {
  static constexpr ImporterRow kRows[] = {
      {"", "ConvInteger", import_conv_integer},
      {"", "DequantizeLinear", import_dequantize_linear},
      {"", "DynamicQuantizeLinear", import_dynamic_quantize_linear},
      {"", "MatMulInteger", import_matmul_integer},
      {"", "QLinearConv", import_qlinear_conv},
      {"", "QLinearMatMul", import_qlinear_matmul},
      {"", "QuantizeLinear", import_quantize_linear},
      {"com.microsoft", "DequantizeLinear", import_dequantize_linear},
      {"com.microsoft", "DynamicQuantizeMatMul", import_dynamic_quantize_matmul},
      {"com.microsoft", "MatMulIntegerToFloat", import_matmul_integer_to_float},
      {"com.microsoft", "QLinearAdd", import_qlinear_binary<BinaryKind::kAdd>},
      {"com.microsoft", "QLinearConcat", import_qlinear_concat},
      {"com.microsoft", "QLinearGlobalAveragePool", import_qlinear_global_average_pool},
      {"com.microsoft", "QLinearLeakyRelu", import_qlinear_leaky_relu},
      {"com.microsoft", "QLinearMul", import_qlinear_binary<BinaryKind::kMul>},
      {"com.microsoft", "QLinearSigmoid", import_qlinear_sigmoid},
      {"com.microsoft", "QuantizeLinear", import_quantize_linear},
  };
  return kRows;
}

}  // namespace nitro::onnx
