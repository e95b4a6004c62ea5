#include <array>
#include <cmath>

#include "plan/after_movement.h"
#include "plan/product.h"

namespace nitro::plan {
namespace {

/// The element of `operand` that broadcasting to `shape` shows at each element; empty: the same.
std::vector<int64_t> broadcast_places(const Shape& operand, const Shape& shape) {
  if (element_count(operand) == element_count(shape)) return {};
  const std::vector<int64_t> strides = strides_of(operand);
  const size_t extra = shape.size() - operand.size();
  std::vector<int64_t> places(static_cast<size_t>(element_count(shape)), 0);
  for (size_t i = 0; i < places.size(); ++i) {
    auto rest = static_cast<int64_t>(i);
    for (size_t axis = shape.size(); axis-- > extra; rest /= shape[axis]) {
      if (operand[axis - extra] > 1) places[i] += rest % shape[axis] * strides[axis - extra];
    }
  }
  return places;
}

class Epilogue {
 public:
  Epilogue(const Lowering& lowering, const std::function<bool(NodeId)>& is_free, Product& product)
      : lowering_(lowering),
        graph_(lowering.graph()),
        uses_(lowering.uses()),
        is_free_(is_free),
        product_(product) {}

  void take() {
    while (step()) {
    }
  }

 private:
  /// Takes what is done next, after movement that leaves the result a matrix; false where that is
  /// nothing that a Gemm does.
  bool step() {
    if (product_.quantum) return false;
    const Moved moved = after_movement(lowering_, product_.sum).back();
    const auto out = through(product_.out, moved.places);
    if (!out || run_of_view(*out) == 0) return false;
    out_ = *out;
    const NodeId next = uses_.only_reader(moved.value);
    if (next != kNoNode) return is_free_(next) && one(next, moved.value, moved.nodes);
    return !uses_.is_output(moved.value) && gate(moved.value, moved.nodes);
  }

  bool accept(std::vector<NodeId> nodes, ValueId sum) {
    product_.nodes.insert(product_.nodes.end(), nodes.begin(), nodes.end());
    product_.sum = product_.result = sum;
    product_.out = out_;
    return true;
  }

  bool plain() const {
    return product_.activation == Activation::kNone && product_.residual.value == kNoValue;
  }

  bool one(NodeId id, ValueId value, std::vector<NodeId> nodes) {
    const Node& node = graph_.node(id);
    if (graph_.type(node.outputs[0]).shape != graph_.type(value).shape) return false;
    bool taken = false;
    if (std::holds_alternative<QuantizeLinear>(node.op)) {
      taken = quantize(node);
    } else if (!is_float(graph_.type(node.outputs[0]).dtype)) {
      return false;
    } else if (std::holds_alternative<Binary>(node.op)) {
      taken = binary(node, value);
    } else if (const auto* norm = std::get_if<BatchNormalization>(&node.op)) {
      taken = batch_norm(node, *norm);
    } else {
      taken = activation(node);
    }
    if (!taken) return false;
    nodes.push_back(id);
    return accept(std::move(nodes), node.outputs[0]);
  }

  bool quantize(const Node& node) {
    const bool has_zero = node.inputs.size() > 2 && node.inputs[2] != kNoValue;
    const Tensor* scale = graph_.constant(node.inputs[1]);
    const Tensor* zero = has_zero ? graph_.constant(node.inputs[2]) : nullptr;
    if (!scale || scale->elements() != 1 || (has_zero && !zero)) return false;
    const double quantum = scale->as<double>()[0];
    if (!std::isnormal(static_cast<float>(1 / quantum)) || quantum < 0) return false;
    product_.quantum = Quantum{quantum, zero ? zero->as<int64_t>()[0] : 0};
    return true;
  }

  bool batch_norm(const Node& node, const BatchNormalization& op) {
    const Shape& shape = graph_.type(node.outputs[0]).shape;
    if (!plain() || !graph_.constant(product_.b.value)) return false;
    std::array<std::vector<double>, 4> operands;
    for (size_t i = 0; i < 4; ++i) {
      const Tensor* constant = graph_.constant(node.inputs[i + 1]);
      if (!constant) return false;
      operands[i] = constant->as<double>();
    }
    auto& [gain, shift, mean, variance] = operands;
    for (size_t i = 0; i < gain.size(); ++i) {
      gain[i] /= std::sqrt(variance[i] + op.epsilon);
      shift[i] -= mean[i] * gain[i];
    }
    Shape channels(shape.size() - 1, 1);
    channels[0] = shape[1];
    const auto factors = by_column(gain, channels, shape),
               terms = by_column(shift, channels, shape);
    if (!factors || !terms || !scale(*factors, false)) return false;
    add_bias(*terms, 1);
    return true;
  }

  bool activation(const Node& node) {
    if (!plain()) return false;
    const auto set = [&](Activation kind) {
      product_.activation = kind;
      return true;
    };
    if (const auto* gelu = std::get_if<Gelu>(&node.op)) {
      if (node.inputs.size() > 1 && node.inputs[1] != kNoValue) {
        const auto numbers = by_column(node.inputs[1], graph_.type(node.outputs[0]).shape);
        if (!numbers) return false;
        add_bias(*numbers, 1);
      }
      return set(gelu->tanh ? Activation::kGeluTanh : Activation::kGelu);
    }
    if (const auto* other = std::get_if<nitro::Activation>(&node.op)) {
      return other->kind == ActivationKind::kSwish && other->alpha == 1 && set(Activation::kSilu);
    }
    if (const auto* unary = std::get_if<Unary>(&node.op)) {
      if (unary->kind == UnaryKind::kRelu) return set(Activation::kRelu);
      if (unary->kind == UnaryKind::kSigmoid) return set(Activation::kSigmoid);
      if (unary->kind == UnaryKind::kHardSwish) return set(Activation::kHardSwish);
    }
    return false;
  }

  /// x * f(x), f a sigmoid of either kind.
  bool gate(ValueId value, std::vector<NodeId> nodes) {
    const auto& readers = uses_.readers(value);
    if (!plain() || readers.size() != 2 || !is_free_(readers[0]) || !is_free_(readers[1]))
      return false;
    const Node &inner = graph_.node(readers[0]), &outer = graph_.node(readers[1]);
    Activation kind = Activation::kNone;
    if (inner.op == Op(Unary{UnaryKind::kSigmoid})) kind = Activation::kSilu;
    if (const auto* hard = std::get_if<nitro::Activation>(&inner.op)) {
      const bool exact = std::abs(hard->alpha - 1.0 / 6) < 1e-6 && hard->beta == 0.5;
      if (hard->kind == ActivationKind::kHardSigmoid && exact) kind = Activation::kHardSwish;
    }
    if (kind == Activation::kNone || outer.op != Op(Binary{BinaryKind::kMul})) return false;
    if (uses_.only_reader(inner.outputs[0]) != readers[1]) return false;
    product_.activation = kind;
    nodes.insert(nodes.end(), readers.begin(), readers.end());
    return accept(std::move(nodes), outer.outputs[0]);
  }

  bool binary(const Node& node, ValueId value) {
    const BinaryKind kind = std::get<Binary>(node.op).kind;
    const size_t side = node.inputs[0] == value ? 1 : 0;
    const ValueId other = node.inputs[side];
    const Shape& shape = graph_.type(value).shape;
    if (graph_.type(other).rank() > static_cast<int64_t>(shape.size())) return false;
    if (kind == BinaryKind::kMul || (kind == BinaryKind::kDiv && side == 1)) {
      const auto numbers = by_column(other, shape);
      if (!plain() || !numbers || !graph_.constant(product_.b.value)) return false;
      return scale(*numbers, kind == BinaryKind::kDiv);
    }
    const bool minus = kind == BinaryKind::kSub && side == 1;
    if (kind != BinaryKind::kAdd && !minus) return false;
    if (product_.activation == Activation::kNone) {
      if (const auto numbers = by_column(other, shape)) {
        add_bias(*numbers, minus ? -1 : 1);
        return true;
      }
    }
    if (minus || product_.residual.value != kNoValue) return false;
    const std::vector<int64_t> shown = broadcast_places(graph_.type(other).shape, shape);
    const auto elements = through(out_, shown);
    if (!elements || run_of_view(*elements) == 0) return false;
    product_.residual = {other, *elements};
    return true;
  }

  /// A constant that broadcasts to `shape`, as one number for each column of the product.
  std::optional<std::vector<double>> by_column(ValueId value, const Shape& shape) const {
    const Tensor* constant = graph_.constant(value);
    return constant ? by_column(constant->as<double>(), constant->shape(), shape) : std::nullopt;
  }

  std::optional<std::vector<double>> by_column(const std::vector<double>& numbers,
                                               const Shape& of_numbers, const Shape& shape) const {
    std::vector<double> result(static_cast<size_t>(product_.n), numbers[0]);
    if (numbers.size() == 1) return result;
    const std::vector<int64_t> shown = broadcast_places(of_numbers, shape);
    const auto number = [&](int64_t row, size_t column) {
      const int64_t element = out_.at(row, static_cast<int64_t>(column));
      return numbers[static_cast<size_t>(shown.empty() ? element
                                                       : shown[static_cast<size_t>(element)])];
    };
    for (size_t column = 0; column < result.size(); ++column) result[column] = number(0, column);
    for (int64_t row = 1; row < product_.batch * product_.m; ++row) {
      for (size_t column = 0; column < result.size(); ++column) {
        if (number(row, column) != result[column]) return std::nullopt;
      }
    }
    return result;
  }

  void add_bias(const std::vector<double>& numbers, double factor) {
    product_.bias.resize(numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i) product_.bias[i] += factor * numbers[i];
  }

  bool scale(const std::vector<double>& numbers, bool divide) {
    product_.gain.resize(numbers.size(), 1);
    for (size_t i = 0; i < numbers.size(); ++i) {
      const double factor = divide ? 1 / numbers[i] : numbers[i];
      if (!std::isfinite(factor)) return false;
      product_.gain[i] *= factor;
      if (!product_.bias.empty()) product_.bias[i] *= factor;
    }
    return true;
  }

  const Lowering& lowering_;
  const Graph& graph_;
  const Uses& uses_;
  const std::function<bool(NodeId)>& is_free_;
  Product& product_;
  MatrixPlaces out_;  // where the matrix is in the value that is read next
};

}  // namespace

void take_epilogue(const Lowering& lowering, const std::function<bool(NodeId)>& is_free,
                   Product& product) {
  Epilogue(lowering, is_free, product).take();
}

}  // namespace nitro::plan
