#include <algorithm>
#include <set>

#include "base/text.h"
#include "cost/cost.h"
#include "ir/equal.h"
#include "passes/enclosed.h"
#include "passes/lossy/points.h"
#include "passes/lossy/select.h"
#include "passes/lossy/strengths.h"
#include "passes/passes.h"

namespace nitro::passes {
namespace {

/// What takes the place of a branch: source @ weight + bias, source * scale + bias, or the bias.
enum class Replacement : uint8_t { kMean, kScale, kLinear };

Result<Replacement> replacement(const Parameters& parameters) {
  const std::string word = text(parameters, "by", "linear");
  if (word == "mean") return Replacement::kMean;
  if (word == "scale") return Replacement::kScale;
  if (word == "linear") return Replacement::kLinear;
  return fail_with_hint(ErrorCode::kBadRecipe, fmt::format("by={} is unknown", display(word)),
                        "by is mean, scale or linear");
}

/// Removes one branch of a graph.
class Removal {
 public:
  Removal(const DenseLayers& layers, const ResidualBranch& branch, const MeanCovariance& moments,
          Replacement by, double ridge)
      : layers_(layers), branch_(branch), by_(by) {
    const size_t width = moments.mean.size() / 2;
    if (by == Replacement::kLinear) {
      fit_ = fit_affine(moments, range(0, width), range(width, width), ridge);
      return;
    }
    fit_ = {Matrix(1, width),
            std::vector(moments.mean.begin() + static_cast<ptrdiff_t>(width), moments.mean.end())};
    for (size_t i = 0; by == Replacement::kScale && i < width; ++i) {
      const AffineFit one = fit_affine(moments, {i}, {width + i}, ridge);
      fit_.weight.at(0, i) = one.weight.at(0, 0);
      fit_.bias[i] = one.bias[0];
    }
    if (by == Replacement::kMean) neighbour_ = find_neighbour();
  }

  Result<bool> operator()(Rewriter& rewriter, const Node& node) const {
    if (neighbour_ && (&node == neighbour_->product || &node == neighbour_->add)) {
      DenseParameters parameters{layers_.weight(*neighbour_), layers_.bias(*neighbour_)};
      for (size_t i = 0; i < fit_.bias.size(); ++i) parameters.bias[i] += fit_.bias[i];
      TRY(emit_dense(rewriter, node, *neighbour_, parameters));
      return true;
    }
    if (&node != branch_.sum) return false;
    const ValueId x = rewriter.mapped(branch_.x);
    rewriter.replace(node.outputs[0], neighbour_ ? x : TRY(emit_sum(rewriter, x)));
    return true;
  }

 private:
  /// The layer before the branch that can take up a bias: x = … + layer, which nothing else reads.
  const Dense* find_neighbour() const {
    const Graph& graph = layers_.graph();
    const std::vector<uint32_t> uses = use_counts(graph);
    uint32_t reads = 1;  // by the sum
    for (const Node* node : branch_.nodes)
      reads += static_cast<uint32_t>(std::ranges::count(node->inputs, branch_.x));
    const Node* before = graph.producer(branch_.x);
    const std::vector<const Node*> nodes(branch_.nodes.begin(), branch_.nodes.end());
    if (!before || uses[branch_.y] != 1 || !is_enclosed(graph, uses, nodes, branch_.y) ||
        uses[branch_.x] != reads || before->op != Op(Binary{BinaryKind::kAdd}) ||
        graph.type(before->inputs[0]) != graph.type(before->inputs[1]))
      return nullptr;
    for (ValueId term : before->inputs) {
      const Dense* layer = layers_.making(term);
      if (layer && uses[term] == 1) return layer;
    }
    return nullptr;
  }

  Result<ValueId> emit_sum(Rewriter& rewriter, ValueId x) const {
    std::vector<const Node*> from(branch_.nodes.begin(), branch_.nodes.end());
    std::ranges::sort(from);  // nodes lie in execution order
    from.push_back(branch_.sum);
    const DType dtype = rewriter.type(x).dtype;
    const auto constant = [&](const std::vector<double>& values) {
      return rewriter.add_constant(to_tensor(values, dtype));
    };
    const auto binary = [&](BinaryKind kind, ValueId a, ValueId b) {
      return rewriter.emit(Binary{kind}, {a, b}, from);
    };
    if (by_ == Replacement::kMean) return binary(BinaryKind::kAdd, x, constant(fit_.bias));
    ValueId term = rewriter.mapped(branch_.source);
    if (by_ == Replacement::kLinear) {
      term = TRY(rewriter.emit(MatMul{},
                               {term, rewriter.add_constant(to_tensor(fit_.weight, dtype))}, from));
    } else if (branch_.norm) {
      return binary(BinaryKind::kAdd, x, TRY(emit_norm(rewriter, x, from)));
    } else {
      term = TRY(binary(BinaryKind::kMul, term, constant(fit_.weight.values)));
    }
    return binary(BinaryKind::kAdd, x, TRY(binary(BinaryKind::kAdd, term, constant(fit_.bias))));
  }

  /// The LayerNorm with the scale and shift of the replacement in its own.
  Result<ValueId> emit_norm(Rewriter& rewriter, ValueId x,
                            const std::vector<const Node*>& from) const {
    const Graph& graph = rewriter.source();
    const Tensor& scale = *graph.constant(branch_.norm->inputs[1]);
    std::vector<double> scales = scale.as<double>(), shifts = fit_.bias;
    const Tensor* shift =
        branch_.norm->inputs.size() > 2 ? graph.constant(branch_.norm->inputs[2]) : nullptr;
    const std::vector<double> old =
        shift ? shift->as<double>() : std::vector<double>(scales.size());
    for (size_t i = 0; i < scales.size(); ++i) {
      scales[i] *= fit_.weight.at(0, i);
      shifts[i] += fit_.weight.at(0, i) * old[i];
    }
    return rewriter.emit(branch_.norm->op,
                         {x, rewriter.add_constant(to_tensor(scales, scale.dtype())),
                          rewriter.add_constant(to_tensor(shifts, scale.dtype()))},
                         from);
  }

  const DenseLayers& layers_;
  const ResidualBranch& branch_;
  Replacement by_;
  AffineFit fit_;
  const Dense* neighbour_ = nullptr;
};

/// The branches that `wanted`, a list of modules, names.
Result<std::vector<std::string>> named(const Graph& graph, std::string_view wanted) {
  std::vector<std::string> names, found;
  const DenseLayers layers(graph);
  for (const ResidualBranch& branch : residual_branches(layers)) names.push_back(branch.name);
  for (std::string_view module : split(wanted, ',')) {
    const size_t before = found.size();
    for (const std::string& name : names) {
      if (!module.empty() && is_in_module(name, module)) found.push_back(name);
    }
    if (found.size() > before) continue;
    const std::string near = closest(module, names);
    return fail_with_hint(
        ErrorCode::kBadRecipe, fmt::format("there is no residual branch in '{}'", display(module)),
        near.empty() ? "branches=MODULE,… names modules such as layers.2.blocks.3.attn"
                     : fmt::format("did you mean '{}'?", near));
  }
  return found;
}

/// Whether a linear map would be smaller than a branch.
bool is_smaller(const Graph& graph, const ResidualBranch& branch) {
  const auto width = static_cast<size_t>(graph.type(branch.x).shape.back());
  return width * width < branch.weights;
}

/// The variance of a branch that its best affine replacement does not have, as a share of the
/// variance of what it is added to.
Result<double> loss_of(const Calibration& seen, const Graph& graph, const ResidualBranch& branch,
                       double ridge) {
  const MeanCovariance moments = TRY(branch_moments(seen, graph, branch));
  const size_t width = moments.mean.size() / 2;
  const AffineFit fit = fit_affine(moments, range(0, width), range(width, width), ridge);
  double left = trace(moments.covariance, width, 2 * width);
  for (size_t i = 0; i < width; ++i) {
    for (size_t j = 0; j < width; ++j)
      left -= fit.weight.at(i, j) * moments.covariance.at(i, width + j);
  }
  return std::max(0.0, left) / std::max(1e-30, TRY(stream_variance(seen, graph, branch)));
}

/// What the nodes of a branch take, in FLOPs; a byte counts as kFlopsOfByte.
double work_of(const Graph& graph, const ResidualBranch& branch) {
  constexpr double kFlopsOfByte = 8;  // about what processors and small GPUs do in the time of one
  double work = 0;
  for (const Node* node : branch.nodes) {
    const cost::Cost cost = cost::cost_of(graph, *node);
    work += cost.flops + kFlopsOfByte * cost.bytes();
  }
  return work;
}

/// A branch that could go.
struct Candidate {
  std::string name;
  double work = 0;
  double loss = 0;
};

/// The branches that lose least for their work and together have at most `share` of the work of
/// all, in execution order.
Result<std::vector<std::string>> cheapest(const Graph& graph, const Calibration& seen, double share,
                                          double ridge) {
  const DenseLayers layers(graph);
  std::vector<Candidate> candidates;
  std::vector<std::string> names;
  double left = 0;
  for (const ResidualBranch& branch : residual_branches(layers)) {
    if (!is_smaller(graph, branch)) continue;  // one that was replaced before, for instance
    names.push_back(branch.name);
    const double work = work_of(graph, branch);
    candidates.push_back({branch.name, work, TRY(loss_of(seen, graph, branch, ridge))});
    left += share * work;
  }
  std::ranges::sort(candidates, {}, [](const Candidate& each) { return each.loss / each.work; });
  std::set<std::string> gone;
  for (const Candidate& each : candidates) {
    if (each.work > left * (1 + 1e-9)) break;
    left -= each.work;
    gone.insert(each.name);
  }
  std::erase_if(names, [&](const std::string& name) { return !gone.contains(name); });
  return names;
}

Result<std::vector<std::string>> chosen(const Graph& graph, const Calibration& seen,
                                        const Parameters& parameters, double ridge) {
  if (parameters.contains("branches") == parameters.contains("share")) {
    return fail_with_hint(ErrorCode::kBadRecipe, "it needs either branches or share",
                          "branches=MODULE,… or share=0.25");
  }
  if (parameters.contains("branches")) return named(graph, text(parameters, "branches"));
  const double share = TRY(number(parameters, "share", 0, 0));
  if (share > 1) return fail(ErrorCode::kBadRecipe, "share={} is above 1", share);
  return cheapest(graph, seen, share, ridge);
}

}  // namespace

Result<bool> remove_blocks(Graph& graph, const Parameters& parameters) {
  const Calibration seen = TRY(calibration(parameters));
  const Replacement by = TRY(replacement(parameters));
  const double ridge = TRY(number(parameters, "ridge", kRidge, 0));
  Graph result = graph;
  for (const std::string& name : TRY(chosen(graph, seen, parameters, ridge))) {
    const DenseLayers layers(result);
    for (const ResidualBranch& branch : residual_branches(layers)) {
      if (branch.name != name) continue;
      if (by == Replacement::kLinear && !is_smaller(result, branch)) {
        return fail_with_hint(ErrorCode::kBadRecipe,
                              fmt::format("a linear map is no smaller than '{}'", display(name)),
                              "by=scale or by=mean make it smaller");
      }
      const MeanCovariance moments = TRY(branch_moments(seen, result, branch));
      TRY(rewrite(result, Removal(layers, branch, moments, by, ridge), 1));
      break;
    }
  }
  const bool changed = !equal(result, graph);
  graph = std::move(result);
  return changed;
}

}  // namespace nitro::passes
