#include "passes/rebatch.h"

#include <algorithm>
#include <numeric>

#include "base/text.h"
#include "passes/match.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

constexpr int64_t kNotBatched = -1;

/// Rebuilds a graph for `count` samples at once. Of each value that depends on the input it knows
/// the axis along which the samples lie, outermost within that axis.
class Rebatch {
 public:
  Rebatch(const Graph& graph, int64_t count)
      : graph_(graph),
        count_(count),
        map_(graph.values().size(), kNoValue),
        axis_(graph.values().size(), kNotBatched) {
    result_.name = graph.name;
    for (const Origin& origin : graph.origins()) result_.add_origin(origin);
  }

  Result<Graph> run(const std::vector<Modality>& modalities) {
    const ValueId input = graph_.inputs()[0];
    map_[input] = TRY(add_inputs(modalities, graph_.type(input)));
    axis_[input] = 0;
    for (const Node& node : graph_.nodes()) TRY(in_context(add(node), place(node)));
    std::vector<ValueId> outputs;
    for (ValueId output : graph_.outputs()) {
      if (axis_[output] == kNotBatched)
        return fail(ErrorCode::kBadModel, "an output does not depend on the input");
      const std::vector<int64_t> sizes(
          modalities.size(), graph_.type(output).shape[static_cast<size_t>(axis_[output])]);
      const std::vector<ValueId> parts =
          TRY(result_.add_node(Split{axis_[output], sizes}, {map_[output]}));
      for (size_t i = 0; i < parts.size(); ++i) {
        result_.set_value_name(parts[i], graph_.value(output).name + "." + modalities[i].name);
        outputs.push_back(parts[i]);
      }
    }
    result_.set_outputs(std::move(outputs));
    return without_dead_code(result_);
  }

 private:
  /// An input for each modality, as one batch of `type` each.
  Result<ValueId> add_inputs(const std::vector<Modality>& modalities, const TensorType& type) {
    std::vector<ValueId> members;
    for (const Modality& modality : modalities)
      members.push_back(result_.add_input(modality.name, input_type(modality, type)));
    std::vector<ValueId> parts;
    for (size_t i = 0; i < members.size();) {
      const size_t first = i;
      while (i < members.size() && modalities[i].grey == modalities[first].grey) ++i;
      const ValueId part = TRY(concat({members.begin() + static_cast<std::ptrdiff_t>(first),
                                       members.begin() + static_cast<std::ptrdiff_t>(i)}));
      parts.push_back(modalities[first].grey ? TRY(grey_as_colour(result_, part)) : part);
    }
    return concat(parts);
  }

  Result<ValueId> concat(const std::vector<ValueId>& parts) {
    return parts.size() == 1 ? parts[0] : TRY(result_.add_node(Concat{0}, parts))[0];
  }

  std::string place(const Node& node) const {
    return node.origins.empty() ? display_name(node.op)
                                : display(graph_.origins()[node.origins[0]].node);
  }

  ValueId mapped(ValueId old) {
    if (old == kNoValue) return kNoValue;
    if (map_[old] == kNoValue)
      map_[old] = result_.add_constant(graph_.value(old).constant.value(), graph_.value(old).name);
    return map_[old];
  }

  std::unexpected<Error> cannot(std::string_view why) const {
    return fail(ErrorCode::kUnsupportedOp, "cannot run modalities as one batch: {}", why);
  }

  /// The samples' axis counted from the end of the broadcast result, the same for all batched
  /// operands.
  Result<int64_t> shared_axis(const Node& node) const {
    int64_t from_end = kNotBatched;
    for (ValueId input : node.inputs) {
      if (input == kNoValue || axis_[input] == kNotBatched) continue;
      const int64_t own = graph_.type(input).rank() - axis_[input];
      if (from_end != kNotBatched && from_end != own) return cannot("its operands lie differently");
      from_end = own;
    }
    return from_end;
  }

  /// An operand that is the same for all samples, repeated where it has the samples' axis at full
  /// size.
  Result<ValueId> repeated(ValueId value, int64_t from_end) {
    const ValueId id = mapped(value);
    if (id == kNoValue || axis_[value] != kNotBatched) return id;
    const int64_t axis = graph_.type(value).rank() - from_end;
    if (axis < 0 || graph_.type(value).shape[static_cast<size_t>(axis)] == 1) return id;
    return tile(id, axis);
  }

  Result<ValueId> tile(ValueId id, int64_t axis) {
    std::vector<int64_t> repeats(result_.type(id).shape.size(), 1);
    repeats[static_cast<size_t>(axis)] = count_;
    return TRY(result_.add_node(Tile{repeats}, {id}))[0];
  }

  Result<void> finish(const Node& node, Op op, std::vector<ValueId> inputs, int64_t axis) {
    const std::vector<ValueId> outputs =
        TRY(result_.add_node(std::move(op), std::move(inputs), node.origins));
    for (size_t i = 0; i < outputs.size(); ++i) {
      const ValueId old = node.outputs[i];
      map_[old] = outputs[i];
      axis_[old] = axis;
      Shape wanted = graph_.type(old).shape;
      if (axis != kNotBatched && axis < static_cast<int64_t>(wanted.size()))
        wanted[static_cast<size_t>(axis)] *= count_;
      if (wanted != result_.type(outputs[i]).shape)
        return cannot("its shape does not scale with the batch");
    }
    return {};
  }

  Result<void> add(const Node& node) {
    const bool batched = std::ranges::any_of(
        node.inputs, [&](ValueId id) { return id != kNoValue && axis_[id] != kNotBatched; });
    if (!batched) {
      std::vector<ValueId> inputs;
      for (ValueId input : node.inputs) inputs.push_back(mapped(input));
      return finish(node, node.op, std::move(inputs), kNotBatched);
    }
    return std::visit([&](const auto& op) { return batch(op, node); }, node.op);
  }

  // Element-wise and broadcasting ops.
  Result<void> broadcasting(const Node& node) {
    const int64_t from_end = TRY(shared_axis(node));
    std::vector<ValueId> inputs;
    for (ValueId input : node.inputs) inputs.push_back(TRY(repeated(input, from_end)));
    return finish(node, node.op, std::move(inputs), graph_.type(node.outputs[0]).rank() - from_end);
  }
  Result<void> batch(const Unary&, const Node& node) { return broadcasting(node); }
  Result<void> batch(const Activation&, const Node& node) { return broadcasting(node); }
  Result<void> batch(const Clip&, const Node& node) { return broadcasting(node); }
  Result<void> batch(const Cast&, const Node& node) { return broadcasting(node); }
  Result<void> batch(const Binary&, const Node& node) { return broadcasting(node); }
  Result<void> batch(const Where&, const Node& node) { return broadcasting(node); }

  /// Ops that treat the slices along the samples' axis of operand 0 alike, given that `axis` is not
  /// one that they work along. Other operands must not be batched.
  Result<void> along_other_axes(const Node& node, bool independent) {
    if (!independent) return cannot("it works along the samples");
    std::vector<ValueId> inputs;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const ValueId input = node.inputs[i];
      if (i > 0 && input != kNoValue && axis_[input] != kNotBatched)
        return cannot("a parameter depends on the sample");
      inputs.push_back(mapped(input));
    }
    return finish(node, node.op, std::move(inputs), axis_[node.inputs[0]]);
  }
  int64_t axis_of(const Node& node) const { return axis_[node.inputs[0]]; }
  Result<void> batch(const Gelu&, const Node& node) { return along_other_axes(node, true); }
  Result<void> batch(const Softmax& op, const Node& node) {
    return along_other_axes(node, op.axis != axis_of(node));
  }
  Result<void> batch(const CumSum& op, const Node& node) {
    return along_other_axes(node, op.axis != axis_of(node));
  }
  Result<void> batch(const LpNormalization& op, const Node& node) {
    return along_other_axes(node, op.axis != axis_of(node));
  }
  Result<void> batch(const LayerNormalization& op, const Node& node) {
    return along_other_axes(node, axis_of(node) < op.axis);
  }
  Result<void> batch(const RMSNormalization& op, const Node& node) {
    return along_other_axes(node, axis_of(node) < op.axis);
  }
  Result<void> batch(const GroupNormalization&, const Node& node) {
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const BatchNormalization&, const Node& node) {
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const LRN&, const Node& node) {
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const Conv&, const Node& node) {
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const ConvTranspose&, const Node& node) {
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const DepthToSpace&, const Node& node) {
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const SpaceToDepth&, const Node& node) {
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const Gemm& op, const Node& node) {
    if (node.inputs.size() > 2 && node.inputs[2] != kNoValue &&
        graph_.type(node.inputs[2]).rank() == 2 && graph_.type(node.inputs[2]).shape[0] != 1) {
      return cannot("its bias has a row per sample");
    }
    return along_other_axes(node, axis_of(node) == 0 && !op.transpose_a);
  }
  Result<void> batch(const Pool&, const Node& node) { return batch_pool(node); }
  Result<void> batch_pool(const Node& node) {
    if (use_counts(graph_)[node.outputs.back()] > 0 && node.outputs.size() > 1)
      return cannot("it returns indices");
    return along_other_axes(node, axis_of(node) == 0);
  }
  Result<void> batch(const ProjectedAttention&, const Node& node) {
    if (node.inputs.size() < 4) return along_other_axes(node, axis_of(node) == 0);
    std::vector<ValueId> inputs;
    for (ValueId input : node.inputs) inputs.push_back(mapped(input));
    inputs[3] = TRY(repeated(node.inputs[3], 4));
    return axis_of(node) == 0 ? finish(node, node.op, std::move(inputs), 0)
                              : cannot("it works along the samples");
  }

  Result<void> batch(const MatMul& op, const Node& node) {
    const int64_t from_end = TRY(shared_axis(node));
    const bool left_only = axis_[node.inputs[1]] == kNotBatched;
    const bool rows = left_only && from_end == 2 && !op.transpose_a;
    if (from_end < 2 || (from_end == 2 && !rows)) return cannot("it multiplies along the samples");
    if (rows) {
      return finish(node, op, {mapped(node.inputs[0]), mapped(node.inputs[1])},
                    graph_.type(node.outputs[0]).rank() - 2);
    }
    return broadcasting(node);
  }

  Result<void> batch(const Reshape& op, const Node& node) {
    const Shape& before = graph_.type(node.inputs[0]).shape;
    const auto axis = static_cast<size_t>(axis_of(node));
    const int64_t outer =
        std::accumulate(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(axis),
                        int64_t{1}, std::multiplies<>());
    Reshape scaled = op;
    int64_t product = 1;
    for (size_t i = 0; i < scaled.shape.size(); ++i) {
      if (product == outer) {
        scaled.shape[i] *= count_;
        return finish(node, scaled, {mapped(node.inputs[0])}, static_cast<int64_t>(i));
      }
      product *= op.shape[i];
    }
    return cannot("the reshape cuts through the samples");
  }

  Result<void> batch(const Transpose& op, const Node& node) {
    const auto position = std::ranges::find(op.perm, axis_of(node)) - op.perm.begin();
    return finish(node, op, {mapped(node.inputs[0])}, position);
  }

  Result<void> batch(const Expand& op, const Node& node) {
    const int64_t axis =
        axis_of(node) + static_cast<int64_t>(op.shape.size()) - graph_.type(node.inputs[0]).rank();
    Expand scaled = op;
    if (graph_.type(node.inputs[0]).shape[static_cast<size_t>(axis_of(node))] !=
        scaled.shape[static_cast<size_t>(axis)]) {
      return cannot("it expands along the samples");
    }
    scaled.shape[static_cast<size_t>(axis)] *= count_;
    return finish(node, scaled, {mapped(node.inputs[0])}, axis);
  }

  Result<void> batch(const Slice& op, const Node& node) {
    const auto axis = static_cast<size_t>(axis_of(node));
    Slice scaled = op;
    if (op.sizes[axis] != graph_.type(node.inputs[0]).shape[axis] || op.steps[axis] != 1) {
      return cannot("it slices along the samples");
    }
    scaled.sizes[axis] *= count_;
    return finish(node, scaled, {mapped(node.inputs[0])}, axis_of(node));
  }

  Result<void> batch(const Concat& op, const Node& node) {
    const int64_t from_end = TRY(shared_axis(node));
    const int64_t axis = graph_.type(node.outputs[0]).rank() - from_end;
    if (op.axis == axis) return cannot("it concatenates along the samples");
    std::vector<ValueId> inputs;
    for (ValueId input : node.inputs) {
      const ValueId id = mapped(input);
      inputs.push_back(axis_[input] == kNotBatched ? TRY(tile(id, axis)) : id);
    }
    return finish(node, op, std::move(inputs), axis);
  }

  Result<void> batch(const Split& op, const Node& node) {
    return along_other_axes(node, op.axis != axis_of(node));
  }
  Result<void> batch(const Pad& op, const Node& node) {
    const auto axis = static_cast<size_t>(axis_of(node));
    return along_other_axes(node, op.before[axis] == 0 && op.after[axis] == 0);
  }
  Result<void> batch(const Tile& op, const Node& node) {
    return along_other_axes(node, op.repeats[static_cast<size_t>(axis_of(node))] == 1);
  }
  Result<void> batch(const Trilu&, const Node& node) {
    return along_other_axes(node, axis_of(node) + 2 < graph_.type(node.inputs[0]).rank());
  }
  Result<void> batch(const TopK& op, const Node& node) {
    return along_other_axes(node, op.axis != axis_of(node));
  }

  Result<void> batch(const Gather& op, const Node& node) {
    if (axis_of(node) == kNotBatched) return cannot("its indices depend on the sample");
    if (axis_of(node) == op.axis || axis_[node.inputs[1]] != kNotBatched)
      return cannot("it gathers along the samples");
    const int64_t shift = axis_of(node) > op.axis ? graph_.type(node.inputs[1]).rank() - 1 : 0;
    return finish(node, op, {mapped(node.inputs[0]), mapped(node.inputs[1])},
                  axis_of(node) + shift);
  }

  /// Where the samples' axis goes when `axes` disappear.
  int64_t without(const std::vector<int64_t>& axes, int64_t axis) const {
    return axis - std::ranges::count_if(axes, [&](int64_t each) { return each < axis; });
  }
  Result<void> batch(const Reduce& op, const Node& node) {
    if (std::ranges::find(op.axes, axis_of(node)) != op.axes.end())
      return cannot("it reduces along the samples");
    return finish(node, op, {mapped(node.inputs[0])},
                  op.keep_dims ? axis_of(node) : without(op.axes, axis_of(node)));
  }
  Result<void> batch(const ArgReduce& op, const Node& node) {
    if (op.axis == axis_of(node)) return cannot("it reduces along the samples");
    return finish(node, op, {mapped(node.inputs[0])},
                  op.keep_dims ? axis_of(node) : without({op.axis}, axis_of(node)));
  }
  Result<void> batch(const Resize& op, const Node& node) {
    if (axis_of(node) != 0 || op.scales[0] != 1 || !op.region.empty())
      return cannot("it resizes along the samples");
    Resize scaled = op;
    scaled.sizes[0] *= count_;
    return finish(node, scaled, {mapped(node.inputs[0])}, 0);
  }

  /// Images and places have one entry each for every sample, and do not broadcast.
  Result<void> batch(const GridSample& op, const Node& node) {
    std::vector<ValueId> inputs;
    for (ValueId input : node.inputs) {
      if (axis_[input] != kNotBatched && axis_[input] != 0)
        return cannot("it works along the samples");
      const ValueId id = mapped(input);
      inputs.push_back(axis_[input] == kNotBatched ? TRY(tile(id, 0)) : id);
    }
    return finish(node, op, std::move(inputs), 0);
  }

  template <class OpT>
  Result<void> batch(const OpT& op, const Node&) {
    return cannot(fmt::format("{} is not known to treat samples alike", display_name(op)));
  }

  const Graph& graph_;
  const int64_t count_;
  Graph result_;
  std::vector<ValueId> map_;
  std::vector<int64_t> axis_;
};

}  // namespace

Result<Graph> rebatched(const Graph& graph, const std::vector<Modality>& modalities) {
  return Rebatch(graph, static_cast<int64_t>(modalities.size())).run(modalities);
}

}  // namespace nitro::passes
