#include "onnx/import_node.h"

#include <onnx-ml.pb.h>

#include <algorithm>

#include "base/text.h"
#include "onnx/convert_tensor.h"
#include "onnx/import_state.h"
#include "onnx/importers.h"
#include "reference/evaluate.h"

namespace nitro::onnx {
namespace {

using Attribute = ::onnx::AttributeProto;

/// Shape arithmetic is small; larger constants are left to the constant-folding pass and its
/// budget.
constexpr int64_t kMaxFoldedElements = 65536;

const Attribute* find_attribute(const ::onnx::NodeProto& node, std::string_view name) {
  for (const Attribute& attribute : node.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

std::unexpected<Error> wrong_kind(std::string_view name, std::string_view wanted) {
  return fail(ErrorCode::kBadModel, "attribute '{}' must be {}", name, wanted);
}

bool is(const Attribute& attribute, Attribute::AttributeType type) {
  return attribute.type() == type || attribute.type() == Attribute::UNDEFINED;
}

bool is_foldable(const Graph& graph, const Op& op, const std::vector<ValueId>& inputs) {
  if (std::holds_alternative<Opaque>(op)) return false;
  if (std::holds_alternative<DequantizeLinear>(op) && are_quantized_weights(graph.type(inputs[0])))
    return false;
  return !inputs.empty() && std::ranges::all_of(inputs, [&](ValueId input) {
    return input == kNoValue ||
           (graph.constant(input) && graph.type(input).elements() <= kMaxFoldedElements);
  });
}

}  // namespace

std::string_view ImportNode::op_type() const { return proto_.op_type(); }
std::string_view ImportNode::domain() const { return proto_.domain(); }
size_t ImportNode::input_count() const { return static_cast<size_t>(proto_.input_size()); }
size_t ImportNode::output_count() const { return static_cast<size_t>(proto_.output_size()); }
bool ImportNode::has(size_t i) const { return input(i) != kNoValue; }

ValueId ImportNode::input(size_t i) const {
  if (i >= input_count() || proto_.input(static_cast<int>(i)).empty()) return kNoValue;
  return state_.values.at(proto_.input(static_cast<int>(i)));
}

const TensorType& ImportNode::type(size_t i) const {
  static const TensorType absent;
  const ValueId value = input(i);
  return value == kNoValue ? absent : state_.graph.type(value);
}

const Tensor* ImportNode::constant(size_t i) const { return state_.graph.constant(input(i)); }

Result<Tensor> ImportNode::require_constant(size_t i) const {
  if (const Tensor* tensor = constant(i)) return *tensor;
  if (!has(i)) return fail(ErrorCode::kBadModel, "{} lacks operand {}", display(op_type()), i);
  return fail_with_hint(ErrorCode::kUnknownShape,
                        fmt::format("operand {} ('{}') of {} must be a constant", i,
                                    display(proto_.input(static_cast<int>(i))), display(op_type())),
                        "bind free dimensions with --shape, or export with static shapes");
}

Result<std::vector<int64_t>> ImportNode::require_integers(size_t i) const {
  const Tensor tensor = TRY(require_constant(i));
  if (is_float(tensor.dtype()))
    return fail(ErrorCode::kBadModel, "operand {} must hold integers", i);
  return tensor.as<int64_t>();
}

Result<int64_t> ImportNode::require_integer(size_t i) const {
  const std::vector<int64_t> values = TRY(require_integers(i));
  if (values.size() != 1) return fail(ErrorCode::kBadModel, "operand {} must have one element", i);
  return values[0];
}

Result<std::vector<double>> ImportNode::require_numbers(size_t i) const {
  return TRY(require_constant(i)).as<double>();
}

Result<double> ImportNode::require_number(size_t i) const {
  const std::vector<double> values = TRY(require_numbers(i));
  if (values.size() != 1) return fail(ErrorCode::kBadModel, "operand {} must have one element", i);
  return values[0];
}

bool ImportNode::has_attribute(std::string_view name) const { return find_attribute(proto_, name); }

Result<int64_t> ImportNode::integer(std::string_view name, int64_t fallback) const {
  const Attribute* attribute = find_attribute(proto_, name);
  if (!attribute) return fallback;
  if (!is(*attribute, Attribute::INT)) return wrong_kind(name, "an integer");
  return attribute->i();
}

Result<double> ImportNode::number(std::string_view name, double fallback) const {
  const Attribute* attribute = find_attribute(proto_, name);
  if (!attribute) return fallback;
  if (!is(*attribute, Attribute::FLOAT)) return wrong_kind(name, "a number");
  return static_cast<double>(attribute->f());
}

Result<std::string> ImportNode::string(std::string_view name, std::string_view fallback) const {
  const Attribute* attribute = find_attribute(proto_, name);
  if (!attribute) return std::string(fallback);
  if (!is(*attribute, Attribute::STRING)) return wrong_kind(name, "a string");
  return attribute->s();
}

Result<std::vector<int64_t>> ImportNode::integers(std::string_view name,
                                                  std::vector<int64_t> fallback) const {
  const Attribute* attribute = find_attribute(proto_, name);
  if (!attribute) return fallback;
  if (!is(*attribute, Attribute::INTS)) return wrong_kind(name, "a list of integers");
  return std::vector<int64_t>(attribute->ints().begin(), attribute->ints().end());
}

Result<std::vector<double>> ImportNode::numbers(std::string_view name,
                                                std::vector<double> fallback) const {
  const Attribute* attribute = find_attribute(proto_, name);
  if (!attribute) return fallback;
  if (!is(*attribute, Attribute::FLOATS)) return wrong_kind(name, "a list of numbers");
  return std::vector<double>(attribute->floats().begin(), attribute->floats().end());
}

Result<std::optional<Tensor>> ImportNode::tensor(std::string_view name) const {
  const Attribute* attribute = find_attribute(proto_, name);
  if (!attribute) return std::nullopt;
  if (!is(*attribute, Attribute::TENSOR) || !attribute->has_t())
    return wrong_kind(name, "a tensor");
  return TRY(view_tensor(attribute->t(), state_.tensors));
}

Result<int64_t> ImportNode::axis(std::string_view name, int64_t fallback, int64_t rank) const {
  return normalize_axis(TRY(integer(name, fallback)), rank);
}

Result<std::vector<ValueId>> ImportNode::emit_all(Op op, std::vector<ValueId> inputs) {
  if (is_foldable(state_.graph, op, inputs)) {
    std::vector<const Tensor*> operands;
    std::vector<const TensorType*> types;
    for (ValueId id : inputs) {
      operands.push_back(state_.graph.constant(id));
      types.push_back(id == kNoValue ? nullptr : &state_.graph.type(id));
    }
    const Types results = TRY(infer_types(op, types));
    if (std::ranges::all_of(results, [](const TensorType& type) {
          return type.elements() <= kMaxFoldedElements;
        })) {
      std::vector<ValueId> ids;
      for (Tensor& tensor : TRY(reference::evaluate_op(op, operands))) {
        ids.push_back(add_constant(std::move(tensor)));
      }
      return ids;
    }
  }
  return state_.graph.add_node(std::move(op), std::move(inputs), state_.origins);
}

Result<ValueId> ImportNode::emit(Op op, std::vector<ValueId> inputs) {
  return TRY(emit_all(std::move(op), std::move(inputs)))[0];
}

ValueId ImportNode::add_constant(Tensor tensor) {
  return state_.graph.add_constant(std::move(tensor));
}

Result<ValueId> ImportNode::reshape(ValueId value, Shape shape) {
  if (type_of(value).shape == shape) return value;
  if (const Tensor* tensor = constant_of(value);
      tensor && element_count(shape) == tensor->elements()) {
    TRY(check_shape(shape, tensor->dtype()));
    return add_constant(tensor->reshaped(std::move(shape)));
  }
  return emit(Reshape{std::move(shape)}, {value});
}

const TensorType& ImportNode::type_of(ValueId value) const { return state_.graph.type(value); }
const Tensor* ImportNode::constant_of(ValueId value) const { return state_.graph.constant(value); }

std::unexpected<Error> ImportNode::unsupported(std::string_view form) const {
  return fail(ErrorCode::kUnsupportedOp, "{} (opset {}) is not supported {}", display(op_type()),
              opset_, form);
}

Importer find_importer(std::string_view domain, std::string_view op_type) {
  if (domain == "ai.onnx") domain = "";
  for (const auto rows :
       {elementwise_importers(), movement_importers(), indexing_importers(), constant_importers(),
        linear_importers(), normalization_importers(), pooling_importers(), reduction_importers(),
        quantization_importers(), loss_importers()}) {
    for (const ImporterRow& row : rows) {
      if (row.op_type == op_type && row.domain == domain) return row.importer;
    }
  }
  return nullptr;
}

}  // namespace nitro::onnx
