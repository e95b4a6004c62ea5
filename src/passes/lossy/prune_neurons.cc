#include <optional>

#include "passes/lossy/neurons.h"
#include "passes/lossy/points.h"
#include "passes/lossy/select.h"
#include "passes/lossy/strengths.h"
#include "passes/passes.h"

namespace nitro::passes {
namespace {

/// The parameters of both layers of an MLP with fewer neurons.
struct Smaller {
  Mlp mlp;
  std::vector<size_t> kept;
  DenseParameters first, second;

  Result<bool> rewrite(Rewriter& rewriter, const Node& node) const {
    for (const Node* each : mlp.first->nodes()) {
      if (each == &node) return done(emit_dense(rewriter, node, *mlp.first, first));
    }
    for (const Node* each : mlp.second->nodes()) {
      if (each == &node) return done(emit_dense(rewriter, node, *mlp.second, second));
    }
    for (const Node* each : mlp.between) {
      if (each == &node) return done(emit_between(rewriter, node, kept));
    }
    return false;
  }

 private:
  static Result<bool> done(Result<void> result) {
    TRY(std::move(result));
    return true;
  }
};

/// What is to become of an MLP; nothing where it keeps all neurons.
struct Wanted {
  size_t keep;
  MeanCovariance moments;  // of its neurons
};

/// Of each MLP of a graph, in order. Found before anything changes: calibrations know values by
/// names.
Result<std::vector<std::optional<Wanted>>> wanted(const Graph& graph, const Calibration& seen,
                                                  const Shares& keep, size_t tile) {
  const DenseLayers layers(graph);
  std::vector<std::optional<Wanted>> result;
  std::vector<std::string> names;
  for (const Mlp& mlp : find_mlps(layers)) {
    names.push_back(mlp.second->name);
    const auto width = static_cast<size_t>(graph.type(mlp.second->x).shape.back());
    const size_t left = rounded(keep.of(names.back()), width, tile);
    result.emplace_back();
    if (left < width) result.back() = Wanted{left, TRY(input_moments(seen, graph, *mlp.second))};
  }
  TRY(keep.check(names));
  return result;
}

Smaller smaller(const DenseLayers& layers, const Mlp& mlp, const Wanted& wanted, double ridge) {
  const Matrix first = layers.weight(*mlp.first);
  const std::vector<double> bias = layers.bias(*mlp.first);
  Narrowed narrowed = narrow(wanted.moments, layers.weight(*mlp.second), layers.bias(*mlp.second),
                             1, wanted.keep, ridge);
  DenseParameters kept_first{part(first, range(0, first.rows), narrowed.kept), {}};
  for (size_t i : narrowed.kept) kept_first.bias.push_back(bias[i]);
  return {mlp,
          narrowed.kept,
          std::move(kept_first),
          {std::move(narrowed.weight), std::move(narrowed.bias)}};
}

}  // namespace

Result<bool> prune_neurons(Graph& graph, const Parameters& parameters) {
  const Calibration seen = TRY(calibration(parameters));
  const Shares keep = TRY(Shares::parse("keep", text(parameters, "keep", "0.75")));
  const auto tile = static_cast<size_t>(TRY(number(parameters, "tile", 16, 1)));
  const double ridge = TRY(number(parameters, "ridge", kRidge, 0));
  const auto all = TRY(wanted(graph, seen, keep, tile));
  Graph result = graph;
  bool changed = false;
  // One after the other: a layer may be the second of one MLP and the first of the next.
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i]) continue;
    const DenseLayers layers(result);
    const Smaller plan = smaller(layers, find_mlps(layers)[i], *all[i], ridge);
    changed = TRY(rewrite(
        result, [&](Rewriter& rewriter, const Node& node) { return plan.rewrite(rewriter, node); },
        1));
  }
  graph = std::move(result);
  return changed;
}

}  // namespace nitro::passes
