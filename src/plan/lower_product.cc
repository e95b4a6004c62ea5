#include <fmt/format.h>

#include <array>

#include "plan/product.h"

namespace nitro::plan {
namespace {

constexpr std::array<std::string_view, 7> kActivationWords = {
    "", " gelu", " gelu", " relu", " silu", " hard-swish", " sigmoid"};

std::string name_of(const Product& product) {
  const std::string batch = product.batch > 1 ? fmt::format("{} of ", product.batch) : "";
  return fmt::format("gemm {}{}x{}x{}{}{}{}", batch, product.m, product.n, product.k,
                     product.normalization ? " norm" : "",
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

std::vector<double> sums_of_columns(const Tensor& stored, int64_t columns, int64_t k) {
  const std::vector<double> numbers = stored.as<double>();
  std::vector<double> sums(static_cast<size_t>(columns));
  for (size_t i = 0; i < numbers.size(); ++i) sums[i / static_cast<size_t>(k)] += numbers[i];
  return sums;
}

void set_weights(Lowering& lowering, const Product& product, Gemm& gemm) {
  const Weights weights = weights_of(lowering.graph(), product);
  gemm.b.buffer =
      lowering.add_numbers({product.b.elements.batch * gemm.n, gemm.k}, weights.numbers);
  gemm.b.row_stride = gemm.k;
  gemm.b.batch_stride = product.b.elements.batch > 1 ? gemm.n * gemm.k : 0;
  gemm.b.run = 8;
  while (gemm.k % gemm.b.run != 0) gemm.b.run /= 2;
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

}  // namespace

Result<void> lower_product(Lowering& lowering, const Product& product) {
  std::vector<NodeId> nodes = product.nodes;
  Gemm gemm;
  gemm.batch = product.batch;
  gemm.m = product.m;
  gemm.n = product.n;
  gemm.k = product.k;
  gemm.activation = product.activation;
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
                name_of(product));
  gemm.out = *out;
  lowering.add_step(name_of(product), gemm, std::move(nodes));
  return {};
}

}  // namespace nitro::plan
