#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "plan/product.h"

namespace nitro::plan {
namespace {

constexpr std::array<std::string_view, 7> kActivationWords = {
    "", " gelu", " gelu", " relu", " silu", " hard-swish", " sigmoid"};

std::string_view integers_word(const Graph& graph, const Product& product) {
  if (!product.integers) return "";
  return is_float(graph.type(product.a.value).dtype) ? " int8 weights" : " int8";
}

std::string name_of(const Graph& graph, const Product& product) {
  const std::string batch = product.batch > 1 ? fmt::format("{} of ", product.batch) : "";
  return fmt::format("gemm {}{}x{}x{}{}{}{}{}", batch, product.m, product.n, product.k,
                     integers_word(graph, product), product.normalization ? " norm" : "",
                     kActivationWords[static_cast<size_t>(product.activation)],
                     product.residual.value != kNoValue ? " add" : "");
}

/// The constant operand b, [batches of it * n, k], with what can be multiplied into it, and the
/// bias.
struct Weights {
  std::vector<double> numbers;
  std::vector<double> bias;
};

Weights weights_of(const Graph& graph, const Product& product) {
  const std::vector<double> source = graph.constant(product.b.value)->as<double>();
  const MatrixPlaces& places = product.b.elements;
  Weights weights{std::vector<double>(places.bases.size() * places.offsets.size()), product.bias};
  const auto& norm = product.normalization;
  if (norm) weights.bias.resize(places.bases.size());
  size_t i = 0;
  for (size_t row = 0; row < places.bases.size(); ++row) {
    const size_t column = row % static_cast<size_t>(product.n);
    const double gain = product.alpha * (product.gain.empty() ? 1 : product.gain[column]);
    for (size_t j = 0; j < places.offsets.size(); ++j, ++i) {
      double number = gain * source[static_cast<size_t>(places.bases[row] + places.offsets[j])];
      if (norm) {
        weights.bias[column] += norm->shift[j] * number;
        number *= norm->scale[j];
      }
      weights.numbers[i] = number;
    }
  }
  return weights;
}

/// Weights so small that halves would lose digits of the largest are made larger by a power of two,
/// whose inverse is returned; others are left, for 1.
double take_factor(std::vector<double>& numbers) {
  constexpr double kLeastLargest = 0x1p-12;
  double largest = 0;
  for (double number : numbers) largest = std::max(largest, std::abs(number));
  if (!std::isnormal(largest) || largest >= kLeastLargest) return 1;
  const int exponent = -std::ilogb(largest);
  for (double& number : numbers) number = std::ldexp(number, exponent);
  return std::ldexp(1.0, -exponent);
}

/// The constant operand b of integers, [n, k], less its zeros; scales and bias of the columns.
struct IntegerWeights {
  std::vector<int64_t> numbers;
  std::vector<double> scales;
  std::vector<double> bias;
};

IntegerWeights integer_weights_of(const Graph& graph, const Product& product) {
  const std::vector<int64_t> source = graph.constant(product.b.value)->as<int64_t>();
  const auto& [bases, offsets] = std::tie(product.b.elements.bases, product.b.elements.offsets);
  const Integers& integers = *product.integers;
  IntegerWeights weights{{}, {}, product.bias};
  if (integers.a_zero != 0) weights.bias.resize(bases.size());
  for (size_t column = 0; column < bases.size(); ++column) {
    const auto zero = static_cast<int64_t>(integers.b_zeros[column]);
    double sum = 0;
    for (int64_t offset : offsets) {
      weights.numbers.push_back(source[static_cast<size_t>(bases[column] + offset)] - zero);
      sum += static_cast<double>(weights.numbers.back());
    }
    const double gain = product.alpha * (product.gain.empty() ? 1 : product.gain[column]);
    weights.scales.push_back(gain * integers.a_scale * integers.b_scales[column]);
    if (integers.a_zero != 0) weights.bias[column] -= weights.scales.back() * integers.a_zero * sum;
  }
  return weights;
}

std::vector<double> sums_of_columns(const Tensor& stored, int64_t columns, int64_t k) {
  const std::vector<double> numbers = stored.as<double>();
  std::vector<double> sums(static_cast<size_t>(columns));
  for (size_t i = 0; i < numbers.size(); ++i) sums[i / static_cast<size_t>(k)] += numbers[i];
  return sums;
}

void set_integer_weights(Lowering& lowering, const Product& product, Gemm& gemm) {
  const IntegerWeights weights = integer_weights_of(lowering.graph(), product);
  gemm.b.buffer = lowering.add_constant(Tensor::of(DType::kI8, {gemm.n, gemm.k}, weights.numbers));
  gemm.column_scales = lowering.add_floats(weights.scales);
  if (!weights.bias.empty()) gemm.bias = lowering.add_floats(weights.bias);
}

void set_weights(Lowering& lowering, const Product& product, Gemm& gemm) {
  gemm.b.row_stride = gemm.k;
  gemm.b.batch_stride = product.b.elements.batch > 1 ? gemm.n * gemm.k : 0;
  gemm.b.run = 8;
  while (gemm.k % gemm.b.run != 0) gemm.b.run /= 2;
  if (product.integers) return set_integer_weights(lowering, product, gemm);
  Weights weights = weights_of(lowering.graph(), product);
  gemm.alpha = take_factor(weights.numbers);
  gemm.b.buffer =
      lowering.add_numbers({product.b.elements.batch * gemm.n, gemm.k}, weights.numbers);
  if (!weights.bias.empty()) gemm.bias = lowering.add_floats(weights.bias);
  if (gemm.normalize) {
    const Tensor stored = *lowering.plan().buffers[gemm.b.buffer].constant;
    gemm.column_sums = lowering.add_floats(sums_of_columns(stored, gemm.n, gemm.k));
  }
}

/// Operand a in the order in which memory has its columns, and with it a constant b.
Result<void> set_operands(Lowering& lowering, Product product, Gemm& gemm,
                          std::vector<NodeId>& nodes) {
  PlacesInBuffer a = TRY(lowering.places_of(product.a.value, product.a.elements, nodes));
  if (!lowering.graph().constant(product.b.value)) {
    gemm.a = *matrix_view(a.buffer, a.places, lowering.add_table());
    gemm.alpha = product.alpha;
    if (const auto& of = product.integers) gemm.alpha *= of->a_scale * of->b_scales[0];
    gemm.b = TRY(lowering.view_of(product.b.value, product.b.elements, nodes));
    if (!product.bias.empty()) gemm.bias = lowering.add_floats(product.bias);
    return {};
  }
  const std::vector<size_t> order = order_in_memory(a.places);
  a.places.offsets = in_order(a.places.offsets, order);
  product.b.elements.offsets = in_order(product.b.elements.offsets, order);
  if (auto& norm = product.normalization) {
    norm->scale = in_order(norm->scale, order);
    norm->shift = in_order(norm->shift, order);
  }
  gemm.a = *matrix_view(a.buffer, a.places, lowering.add_table());
  set_weights(lowering, product, gemm);
  return {};
}

Wide wide_of(const Lowering& lowering, const Product& product) {
  if (lowering.is_wide(product.a.value) || lowering.is_wide(product.b.value))
    return Wide::kOperands;
  const bool any = std::ranges::any_of(product.nodes, [&](NodeId node) {
    return lowering.is_wide(lowering.graph().node(node).outputs[0]);
  });
  return any ? Wide::kResults : Wide::kNothing;
}

}  // namespace

Result<void> lower_product(Lowering& lowering, const Product& product) {
  std::vector<NodeId> nodes = product.nodes;
  Gemm gemm;
  gemm.batch = product.batch;
  gemm.m = product.m;
  gemm.n = product.n;
  gemm.k = product.k;
  gemm.activation = product.activation;
  gemm.wide = wide_of(lowering, product);
  if (product.quantum) {
    gemm.quantum = product.quantum->scale;
    gemm.zero = product.quantum->zero;
  }
  if (product.normalization) {
    gemm.normalize = true;
    gemm.epsilon = product.normalization->epsilon;
  }
  TRY(set_operands(lowering, product, gemm, nodes));
  if (product.residual.value != kNoValue) {
    gemm.residual = TRY(lowering.view_of(product.residual.value, product.residual.elements, nodes));
  }
  std::optional<MatrixView> out;
  if (const auto places = through(product.out, product.places)) {
    out = matrix_view(lowering.add_result(product.result), *places, lowering.add_table());
  }
  if (!out)
    return fail(ErrorCode::kLimitExceeded, "{} has places that need more than 31 bits",
                name_of(lowering.graph(), product));
  gemm.out = *out;
  lowering.add_step(name_of(lowering.graph(), product), gemm, std::move(nodes));
  return {};
}

}  // namespace nitro::plan
