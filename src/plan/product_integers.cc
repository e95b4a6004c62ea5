#include <algorithm>

#include "plan/product.h"

namespace nitro::plan {
namespace {

/// Of 255 * 128 at most, whose sum 31 bits hold.
constexpr int64_t kMostTerms = (int64_t{1} << 31) / (255 * 128);

bool is_only_read_here(const Lowering& lowering, const Traced& traced, ValueId value) {
  if (lowering.uses().only_reader(value) == kNoNode) return false;
  return std::ranges::all_of(traced.nodes, [&](NodeId id) {
    return lowering.uses().only_reader(lowering.graph().node(id).inputs[0]) != kNoNode;
  });
}

/// An operand as what a DequantizeLinear by constants reads.
struct Quantized {
  Operand operand;
  std::vector<NodeId> nodes;   // between it and the product
  std::vector<double> scales;  // of the tensor, or along an axis of it …
  std::vector<double> zeros;   // … the same
  Shape shape;
  int64_t axis = 0;

  /// Which of the scales an element of the tensor has.
  size_t number(int64_t element) const {
    if (scales.size() == 1) return 0;
    const int64_t inner = strides_of(shape)[static_cast<size_t>(axis)];
    return static_cast<size_t>(element / inner % shape[static_cast<size_t>(axis)]);
  }
};

std::optional<Quantized> quantized(const Lowering& lowering, const Operand& operand) {
  const Graph& graph = lowering.graph();
  const Traced traced = trace(graph, operand.value, [](ValueId) { return false; });
  const Node* node = graph.producer(traced.source);
  const auto* op = node ? std::get_if<DequantizeLinear>(&node->op) : nullptr;
  if (!op || !is_byte(graph.type(node->inputs[0]).dtype)) return std::nullopt;
  if (!is_only_read_here(lowering, traced, operand.value)) return std::nullopt;
  const bool has_zero = node->inputs.size() > 2 && node->inputs[2] != kNoValue;
  const Tensor* scales = graph.constant(node->inputs[1]);
  const Tensor* zeros = has_zero ? graph.constant(node->inputs[2]) : nullptr;
  auto elements = through(operand.elements, traced.places);
  if (!scales || (has_zero && !zeros) || !elements || run_of_view(*elements) == 0)
    return std::nullopt;
  Quantized result{{node->inputs[0], std::move(*elements)},
                   traced.nodes,
                   scales->as<double>(),
                   zeros ? zeros->as<double>() : std::vector<double>{0},
                   graph.type(node->inputs[0]).shape,
                   op->axis};
  result.zeros.resize(result.scales.size(), result.zeros[0]);
  result.nodes.push_back(graph.value(traced.source).producer);
  return result;
}

/// Scale and zero of each row of b; nothing where one has several, or where the integers less their
/// zero are no 8-bit integers.
std::optional<Integers> weights(const Quantized& b, const Tensor& constant) {
  const std::vector<int64_t> numbers = constant.as<int64_t>();
  Integers result;
  for (const int64_t base : b.operand.elements.bases) {
    const size_t parameter = b.number(base + b.operand.elements.offsets[0]);
    result.b_scales.push_back(b.scales[parameter]);
    result.b_zeros.push_back(b.zeros[parameter]);
    for (const int64_t offset : b.operand.elements.offsets) {
      const int64_t element = base + offset;
      const int64_t number =
          numbers[static_cast<size_t>(element)] - static_cast<int64_t>(b.zeros[parameter]);
      if (b.number(element) != parameter || number < -128 || number > 127) return std::nullopt;
    }
  }
  return result;
}

void take(Product& product, Integers integers, Quantized b) {
  product.integers = std::move(integers);
  product.b = std::move(b.operand);
  product.nodes.insert(product.nodes.end(), b.nodes.begin(), b.nodes.end());
}

void take(Product& product, Quantized a) {
  product.integers->a_scale = a.scales[0];
  product.integers->a_zero = a.zeros[0];
  product.a = std::move(a.operand);
  product.nodes.insert(product.nodes.end(), a.nodes.begin(), a.nodes.end());
}

}  // namespace

void take_integers(const Lowering& lowering, Product& product) {
  const Graph& graph = lowering.graph();
  auto b = quantized(lowering, product.b);
  if (!b) return;
  auto a = quantized(lowering, product.a);
  if (a && (a->scales.size() != 1 || product.k > kMostTerms)) a.reset();
  if (const Tensor* constant = graph.constant(b->operand.value)) {
    auto integers = b->operand.elements.batch == 1 ? weights(*b, *constant) : std::nullopt;
    if (!integers) return;
    take(product, std::move(*integers), std::move(*b));
    if (a) take(product, std::move(*a));
    return;
  }
  // Without constants nothing can make up for zeros.
  const bool plain = a && a->zeros[0] == 0 && b->scales.size() == 1 && b->zeros[0] == 0 &&
                     graph.type(b->operand.value).dtype == DType::kI8;
  if (!plain) return;
  Integers integers{1, 0, b->scales, b->zeros};
  take(product, std::move(integers), std::move(*b));
  take(product, std::move(*a));
}

}  // namespace nitro::plan
