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

struct Settings {
  Calibration calibration;
  Shares keep;
  size_t tile;
  double ridge;
};

Result<std::optional<Smaller>> smaller(const DenseLayers& layers, const Mlp& mlp,
                                       const Settings& settings) {
  const Matrix first = layers.weight(*mlp.first), second = layers.weight(*mlp.second);
  const size_t keep = rounded(settings.keep.of(mlp.second->name), second.rows, settings.tile);
  if (keep == second.rows) return std::nullopt;
  const MeanCovariance moments =
      TRY(input_moments(settings.calibration, layers.graph(), *mlp.second));
  Narrowed narrowed = narrow(moments, second, layers.bias(*mlp.second), 1, keep, settings.ridge);
  const std::vector<double> bias = layers.bias(*mlp.first);
  DenseParameters kept_first{part(first, range(0, first.rows), narrowed.kept), {}};
  for (size_t i : narrowed.kept) kept_first.bias.push_back(bias[i]);
  return Smaller{mlp,
                 narrowed.kept,
                 std::move(kept_first),
                 {std::move(narrowed.weight), std::move(narrowed.bias)}};
}

}  // namespace

Result<bool> prune_neurons(Graph& graph, const Parameters& parameters) {
  const Settings settings{TRY(calibration(parameters)),
                          TRY(Shares::parse("keep", text(parameters, "keep", "0.75"))),
                          static_cast<size_t>(TRY(number(parameters, "tile", 16, 1))),
                          TRY(number(parameters, "ridge", kRidge, 0))};
  Graph result = graph;
  bool changed = false;
  std::vector<std::string> names;
  // One after the other: a layer may be the second of one MLP and the first of the next.
  for (size_t i = 0;; ++i) {
    const DenseLayers layers(result);
    const std::vector<Mlp> mlps = find_mlps(layers);
    if (i == mlps.size()) break;
    names.push_back(mlps[i].second->name);
    if (const auto plan = TRY(smaller(layers, mlps[i], settings))) {
      changed = TRY(rewrite(
          result,
          [&](Rewriter& rewriter, const Node& node) { return plan->rewrite(rewriter, node); }, 1));
    }
  }
  TRY(settings.keep.check(names));
  graph = std::move(result);
  return changed;
}

}  // namespace nitro::passes
