#include <algorithm>
#include <map>

#include "base/text.h"
#include "passes/lossy/extremes.h"
#include "passes/lossy/half_range.h"
#include "passes/lossy/score_masks.h"
#include "passes/lossy/single_nodes.h"
#include "passes/lossy/strengths.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// Whether f16 is computed with already.
bool has_halves(const Graph& graph) {
  return std::ranges::any_of(graph.nodes(), [&](const Node& node) {
    return !std::holds_alternative<Cast>(node.op) &&
           std::ranges::any_of(node.outputs,
                               [&](ValueId id) { return graph.type(id).dtype == DType::kF16; });
  });
}

class Converter {
 public:
  Converter(const Graph& graph, const std::vector<bool>& single, const ScoreMasks& masks)
      : graph_(graph), single_(single), masks_(masks) {}

  Result<bool> operator()(Rewriter& rewriter, const Node& node) {
    const bool single = is_single(node);
    std::vector<ValueId> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i)
      inputs.push_back(TRY(operand(rewriter, node, i, single ? DType::kF32 : DType::kF16)));
    Op op = node.op;
    if (auto* cast = std::get_if<Cast>(&op); cast && !single && cast->to == DType::kF32)
      cast->to = DType::kF16;
    const auto made = TRY(rewriter.emit_all(std::move(op), std::move(inputs), {&node}));
    for (size_t i = 0; i < made.size(); ++i) TRY(take(rewriter, node, node.outputs[i], made[i]));
    return true;
  }

 private:
  bool is_single(const Node& node) const {
    return single_[static_cast<size_t>(&node - graph_.nodes().data())];
  }
  bool is_f32(ValueId old) const { return graph_.type(old).dtype == DType::kF32; }

  /// Operand `i` of `node`, in `dtype` where it is f32 in the source.
  Result<ValueId> operand(Rewriter& rewriter, const Node& node, size_t i, DType dtype) {
    const ValueId old = node.inputs[i];
    if (old == kNoValue || !is_f32(old)) return rewriter.mapped(old);
    const bool constant = graph_.constant(old) != nullptr;
    if (constant && dtype == DType::kF32) return rewriter.mapped(old);
    const bool mask = constant && masks_.operands.contains({&node, i});
    ValueId& known = made_.try_emplace({old, dtype, mask}, kNoValue).first->second;
    if (known != kNoValue) return known;
    if (constant) {
      const Tensor& tensor = *graph_.constant(old);
      known = rewriter.add_constant(mask ? mask_to_half(tensor) : to_half(tensor));
      rewriter.result().set_value_name(known, graph_.value(old).name);
      return known;
    }
    const ValueId as_made = natural_.contains(old) ? natural_.at(old) : rewriter.mapped(old);
    if (rewriter.type(as_made).dtype == dtype) return known = as_made;
    return known = TRY(rewriter.emit(Cast{dtype}, {as_made}, {&node}));
  }

  /// `made` is what became of `old`; the outputs of the graph stay f32.
  Result<void> take(Rewriter& rewriter, const Node& node, ValueId old, ValueId made) {
    natural_[old] = made;
    const bool given = std::ranges::find(graph_.outputs(), old) != graph_.outputs().end();
    if (given && is_f32(old) && rewriter.type(made).dtype == DType::kF16)
      made = TRY(rewriter.emit(Cast{DType::kF32}, {made}, {&node}));
    rewriter.replace(old, made);
    return {};
  }

  const Graph& graph_;
  const std::vector<bool>& single_;
  const ScoreMasks& masks_;
  std::map<ValueId, ValueId> natural_;  // of the result, as nodes made them
  std::map<std::tuple<ValueId, DType, bool>, ValueId> made_;
};

enum class Islands : uint8_t { kNone, kOps, kScan };

Result<Islands> read_islands(const Parameters& parameters) {
  const bool calibrated = parameters.contains("calibration");
  const std::string given = text(parameters, "islands", calibrated ? "scan" : "ops");
  if (given == "none") return Islands::kNone;
  if (given == "ops") return Islands::kOps;
  if (given != "scan") {
    return fail(ErrorCode::kBadRecipe, "islands is '{}', not none, ops or scan",
                display(given, 40));
  }
  return Islands::kScan;
}

}  // namespace

Result<bool> convert_f16(Graph& graph, const Parameters& parameters) {
  const Islands islands = TRY(read_islands(parameters));
  const double margin = TRY(number(parameters, "margin", 2, 1));
  const SkippedNodes skipped = TRY(SkippedNodes::read(graph, parameters));
  if (has_halves(graph)) return false;
  const ScoreMasks masks = score_masks(graph);
  SingleRules rules{skipped, masks, islands != Islands::kNone, {}, margin};
  if (islands == Islands::kScan)
    rules.extremes = TRY(extremes_of(TRY(calibration(parameters)), graph));
  const std::vector<bool> single = single_nodes(graph, rules);
  const bool all = std::ranges::all_of(graph.nodes(), [&](const Node& node) {
    return single[static_cast<size_t>(&node - graph.nodes().data())] || !has_singles(graph, node);
  });
  if (all) return false;
  return rewrite(graph, Converter(graph, single, masks), 1);
}

}  // namespace nitro::passes
