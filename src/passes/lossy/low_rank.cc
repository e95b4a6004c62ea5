#include <algorithm>
#include <cmath>
#include <map>

#include "passes/lossy/points.h"
#include "passes/lossy/select.h"
#include "passes/lossy/strengths.h"
#include "passes/passes.h"

namespace nitro::passes {
namespace {

/// Two layers in the place of one: x @ inner @ outer + bias.
struct Factors {
  Matrix inner;  // [in, rank]
  DenseParameters outer;
};

/// The least rank, a multiple of `tile`, that leaves at most `loss` of the sum of `values`.
size_t rank_for(const std::vector<double>& values, double loss, size_t tile) {
  double whole = 0;
  for (double each : values) whole += std::max(0.0, each);
  size_t rank = 0;
  for (double rest = whole; rank < values.size() && rest > loss * whole;) {
    for (size_t i = 0; i < tile && rank < values.size(); ++i) rest -= std::max(0.0, values[rank++]);
  }
  return std::max(rank, std::min(tile, values.size()));
}

/// Columns of `matrix`, each times its factor.
void scale_columns(Matrix& matrix, const std::vector<double>& factors) {
  for (size_t i = 0; i < matrix.rows; ++i) {
    for (size_t j = 0; j < matrix.columns; ++j) matrix.at(i, j) *= factors[j];
  }
}

/// The square roots of eigenvalues, of which the greatest is the first; those that are only
/// rounding are 0.
std::vector<double> roots(const std::vector<double>& eigenvalues) {
  std::vector<double> result;
  for (double each : eigenvalues)
    result.push_back(each > 1e-12 * eigenvalues[0] ? std::sqrt(each) : 0);
  return result;
}

/// Principal components of the output, by the smaller of the two matrices that have their variances
/// as eigenvalues: of the outputs, or of the inputs where these are fewer.
Spectrum output_components(const Matrix& covariance, const Matrix& weight) {
  if (weight.columns <= weight.rows)
    return symmetric_spectrum(product(transposed(weight), product(covariance, weight)));
  const Spectrum inputs = symmetric_spectrum(covariance);
  Matrix root = inputs.vectors;  // root @ rootᵀ = covariance
  scale_columns(root, roots(inputs.values));
  const Matrix half = product(transposed(root), weight);  // [in, out]
  Spectrum found = symmetric_spectrum(product(half, transposed(half)));
  found.vectors = product(transposed(half), found.vectors);  // [out, in]
  std::vector<double> lengths = roots(found.values);
  for (double& each : lengths) each = each > 0 ? 1 / each : 0;
  scale_columns(found.vectors, lengths);
  return found;
}

/// The output's principal components, of which the first are kept: no matrix of that rank loses
/// less of the output's variance on inputs with these moments. What the others are on average goes
/// into the bias. Nothing where it would not multiply `gain` times less.
std::optional<Factors> factors(const MeanCovariance& moments, const Matrix& weight,
                               const std::vector<double>& bias, double loss, size_t tile,
                               double gain) {
  const Spectrum components = output_components(moments.covariance, weight);
  const size_t rank = rank_for(components.values, loss, tile);
  const auto before = static_cast<double>(weight.rows * weight.columns);
  const auto after = static_cast<double>(rank * (weight.rows + weight.columns));
  if (before < gain * after) return std::nullopt;
  const Matrix first =
      part(components.vectors, range(0, weight.columns), range(0, rank));  // [out, rank]
  Factors result{product(weight, first), {transposed(first), bias}};
  const Matrix joined = product(result.inner, result.outer.weight);
  for (size_t i = 0; i < weight.rows; ++i) {
    for (size_t j = 0; j < weight.columns; ++j)
      result.outer.bias[j] += moments.mean[i] * (weight.at(i, j) - joined.at(i, j));
  }
  return result;
}

/// Emits what `node` of `layer` becomes: an inner product before the product.
Result<void> emit_factors(Rewriter& rewriter, const Node& node, const Dense& layer,
                          const Factors& factors) {
  if (&node == layer.add) return emit_dense(rewriter, node, layer, factors.outer);
  const DType dtype = rewriter.source().type(layer.y).dtype;
  const ValueId inner = rewriter.add_constant(to_tensor(factors.inner, dtype));
  const ValueId x = TRY(rewriter.emit(MatMul{}, {rewriter.mapped(layer.x), inner}, layer.nodes()));
  return emit_dense(rewriter, node, layer, factors.outer, x);
}

}  // namespace

Result<bool> low_rank(Graph& graph, const Parameters& parameters) {
  const Calibration seen = TRY(calibration(parameters));
  const double loss = TRY(number(parameters, "loss", 0.01, 0));
  const auto tile = static_cast<size_t>(TRY(number(parameters, "tile", 16, 1)));
  const double gain = TRY(number(parameters, "gain", 1.5, 1));
  const std::string module = text(parameters, "layers");
  const DenseLayers layers(graph);
  std::map<const Node*, std::pair<const Dense*, Factors>> plans;
  bool named = false;
  for (const Dense& layer : layers.all()) {
    if (!is_in_module(layer.name, module)) continue;
    named = true;
    const Matrix weight = layers.weight(layer);
    const size_t smallest = tile * (weight.rows + weight.columns);
    if (static_cast<double>(weight.rows * weight.columns) < gain * static_cast<double>(smallest))
      continue;
    const MeanCovariance moments = TRY(input_moments(seen, graph, layer));
    const auto found = factors(moments, weight, layers.bias(layer), loss, tile, gain);
    if (!found) continue;
    for (const Node* node : layer.nodes()) plans.emplace(node, std::pair(&layer, *found));
  }
  if (!named && !module.empty())
    return fail(ErrorCode::kBadRecipe, "layers={}: no linear layer is in it", module);
  return rewrite(
      graph,
      [&](Rewriter& rewriter, const Node& node) -> Result<bool> {
        const auto plan = plans.find(&node);
        if (plan == plans.end()) return false;
        TRY(emit_factors(rewriter, node, *plan->second.first, plan->second.second));
        return true;
      },
      1);
}

}  // namespace nitro::passes
