#include "onnx/import_matmul.h"

#include "onnx/import_activation.h"

namespace nitro::onnx {
namespace {

Result<ValueId> emit_gemm(ImportNode& node) {
  const Gemm op{TRY(node.integer("transA", 0)) != 0, TRY(node.integer("transB", 0)) != 0,
                TRY(node.number("alpha", 1)), TRY(node.number("beta", 1))};
  std::vector<ValueId> operands{node.input(0), node.input(1)};
  if (node.has(2)) operands.push_back(node.input(2));
  return node.emit(op, operands);
}

}  // namespace

Result<ValueId> emit_product(ImportNode& node, Op op, ValueId a, ValueId b,
                             std::vector<ValueId> rest) {
  if (a == kNoValue || b == kNoValue) {
    return fail(ErrorCode::kBadModel, "{} lacks an operand", node.op_type());
  }
  const bool row = node.type_of(a).rank() == 1;
  const bool column = node.type_of(b).rank() == 1;
  if (row) a = TRY(node.reshape(a, {1, node.type_of(a).shape[0]}));
  if (column) b = TRY(node.reshape(b, {node.type_of(b).shape[0], 1}));
  std::vector<ValueId> operands{a, b};
  operands.insert(operands.end(), rest.begin(), rest.end());
  const ValueId y = TRY(node.emit(std::move(op), operands));
  Shape shape = node.type_of(y).shape;
  if (column) shape.pop_back();
  if (row) shape.erase(shape.end() - (column ? 1 : 2));
  return node.reshape(y, shape);
}

Result<std::vector<ValueId>> import_matmul(ImportNode& node) {
  return std::vector{TRY(emit_product(node, MatMul{}, node.input(0), node.input(1)))};
}

Result<std::vector<ValueId>> import_fused_matmul(ImportNode& node) {
  if (TRY(node.integer("transBatchA", 0)) != 0 || TRY(node.integer("transBatchB", 0)) != 0) {
    return node.unsupported("with a transposed batch");
  }
  const MatMul op{TRY(node.integer("transA", 0)) != 0 && node.rank(0) > 1,
                  TRY(node.integer("transB", 0)) != 0 && node.rank(1) > 1,
                  TRY(node.number("alpha", 1))};
  return std::vector{TRY(emit_product(node, op, node.input(0), node.input(1)))};
}

Result<std::vector<ValueId>> import_gemm(ImportNode& node) {
  return std::vector{TRY(emit_gemm(node))};
}

Result<std::vector<ValueId>> import_fused_gemm(ImportNode& node) {
  const ValueId value = TRY(emit_gemm(node));
  std::vector<double> parameters;
  for (const char* name : {"activation_alpha", "activation_beta"}) {
    if (node.has_attribute(name)) parameters.push_back(TRY(node.number(name, 0)));
  }
  const std::string activation = TRY(node.string("activation", ""));
  return std::vector{TRY(emit_activation(node, activation, parameters, value))};
}

}  // namespace nitro::onnx
