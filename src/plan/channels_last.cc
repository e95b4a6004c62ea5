#include "plan/channels_last.h"

#include <algorithm>
#include <set>

#include "ir/is_any.h"
#include "passes/rewriter.h"
#include "plan/groups.h"

namespace nitro::plan {
namespace {

const Transpose kToLast{{0, 2, 3, 1}};
const Transpose kToFirst{{0, 3, 1, 2}};

/// Ops that count channels along axis 1 and places along axes 2 and 3.
bool is_spatial(const Op& op) {
  return is_any<Conv, ConvTranspose, Pool, Resize, GridSample, DepthToSpace, SpaceToDepth,
                BatchNormalization, GroupNormalization>(op);
}

bool is_pointwise(const Op& op) {
  return is_any<Unary, nitro::Activation, Gelu, Clip, Binary, Cast, Pad, QuantizeLinear,
                DequantizeLinear>(op) ||
         op == Op(Concat{1});
}

/// The values that are images by the ops that make or read them, directly or through pointwise
/// ones.
std::vector<bool> images_of(const Graph& graph) {
  std::vector<bool> images(graph.values().size(), false);
  const auto mark = [&](ValueId value) {
    if (value != kNoValue && graph.type(value).rank() == 4) images[value] = true;
  };
  const auto pass = [&](const Node& node) {
    if (is_spatial(node.op)) {
      mark(node.inputs[0]);
      mark(node.outputs[0]);
    }
    if (!is_pointwise(node.op)) return;
    const auto is_image = [&](ValueId value) { return value != kNoValue && images[value]; };
    if (!is_image(node.outputs[0]) && std::ranges::none_of(node.inputs, is_image)) return;
    for (ValueId input : node.inputs) mark(input);
    mark(node.outputs[0]);
  };
  for (const Node& node : graph.nodes()) pass(node);
  for (size_t i = graph.nodes().size(); i-- > 0;) pass(graph.nodes()[i]);
  for (const Node& node : graph.nodes()) pass(node);
  return images;
}

std::set<ValueId> written_images(const Lowering& lowering, const std::vector<Group>& groups) {
  const Graph& graph = lowering.graph();
  const std::vector<bool> images = images_of(graph);
  std::set<ValueId> written;
  const auto add = [&](ValueId value) {
    const Shape& shape = graph.type(value).shape;
    const DType dtype = graph.type(value).dtype;
    if (!images[value] || lowering.uses().is_output(value) || !(is_float(dtype) || is_byte(dtype)))
      return;
    if (shape[1] > 1 && shape[2] * shape[3] > 1) written.insert(value);
  };
  for (const Group& group : groups) {
    if (const auto* product = std::get_if<Product>(&group)) add(product->sum);
    const auto* fusion = std::get_if<Fusion>(&group);
    if (fusion && fusion->results.size() == 1) add(fusion->results[0]);
  }
  return written;
}

}  // namespace

Result<Graph> with_channels_last(const Graph& graph) {
  const bool any =
      std::ranges::any_of(graph.nodes(), [](const Node& node) { return is_spatial(node.op); });
  if (!any) return graph;
  const Uses uses(graph);
  const Lowering lowering(graph, uses, Precision::kF32);
  const std::vector<Group> groups = TRY(groups_of(lowering));
  const std::set<ValueId> written = written_images(lowering, groups);
  passes::Rewriter rewriter(graph);
  for (const Node& node : graph.nodes()) {
    TRY(rewriter.copy(node));
    for (ValueId output : node.outputs) {
      if (!written.contains(output)) continue;
      const ValueId last = TRY(rewriter.emit(kToLast, {rewriter.mapped(output)}, {&node}));
      rewriter.replace(output, TRY(rewriter.emit(kToFirst, {last}, {&node})));
    }
  }
  return rewriter.finish();
}

std::optional<ValueId> channels_last_of(const Lowering& lowering, ValueId value) {
  const Graph& graph = lowering.graph();
  const NodeId there = lowering.uses().only_reader(value);
  if (there == kNoNode || graph.node(there).op != Op(kToLast)) return std::nullopt;
  const ValueId between = graph.node(there).outputs[0];
  const NodeId back = lowering.uses().only_reader(between);
  if (back == kNoNode || graph.node(back).op != Op(kToFirst)) return std::nullopt;
  return between;
}

}  // namespace nitro::plan
