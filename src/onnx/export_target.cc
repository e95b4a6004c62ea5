#include "onnx/export_target.h"

#include <fmt/ranges.h>
#include <onnx-ml.pb.h>
#include <toml++/toml.h>

#include <algorithm>

#include "base/text.h"
#include "ir/op.h"
#include "onnx_embedded.h"

namespace nitro::onnx {
namespace {

constexpr size_t kMostNamed = 12;  // nodes in an error

std::vector<ExportTarget> read_targets() {
  std::vector<ExportTarget> targets;
  const toml::table parsed = toml::parse(embedded::targets_toml);
  for (const auto& [key, value] : parsed) {
    const toml::table& row = *value.as_table();
    ExportTarget target;
    target.name = row["name"].value_or("");
    target.opset = row["opset"].value_or(int64_t{0});
    for (const toml::node& word : *row["operators"].as_array())
      target.operators.insert(word.value_or(""));
    target.pad_last_axes = row["pad_last_axes"].value_or(int64_t{0});
    target.resize_asymmetric = row["resize_asymmetric"].value_or(false);
    targets.push_back(std::move(target));
  }
  std::ranges::sort(targets, {}, &ExportTarget::name);
  return targets;
}

/// What the target does not take of an op that it has; "" where there is nothing.
std::string problem_of(const Resize& op, const ExportTarget& target) {
  if (op.antialias) return "antialias";
  if (!target.resize_asymmetric) return "";
  if (op.mode == Interpolation::kCubic) return "cubic";
  if (op.coordinates != ResizeCoordinates::kAsymmetric) return "coordinates not asymmetric";
  const bool rounds = op.mode == Interpolation::kNearest && op.nearest != NearestMode::kFloor;
  return rounds ? "not rounded down" : "";
}

std::string problem_of(const Pad& op, const ExportTarget& target) {
  if (target.pad_last_axes == 0) return "";
  if (op.mode != PadMode::kConstant || op.value != 0) return "not with zeros";
  const auto outer = static_cast<std::ptrdiff_t>(
      std::max<int64_t>(0, static_cast<int64_t>(op.before.size()) - target.pad_last_axes));
  const auto is_zero = [](int64_t pad) { return pad == 0; };
  const bool plain = std::all_of(op.before.begin(), op.before.begin() + outer, is_zero) &&
                     std::all_of(op.after.begin(), op.after.begin() + outer, is_zero);
  return plain ? "" : fmt::format("not on the last {} axes", target.pad_last_axes);
}

std::string problem_of(const Node& node, const ExportTarget& target) {
  if (const auto* resize = std::get_if<Resize>(&node.op)) return problem_of(*resize, target);
  if (const auto* pad = std::get_if<Pad>(&node.op)) return problem_of(*pad, target);
  if (const auto* pool = std::get_if<Pool>(&node.op)) {
    const bool dilates = std::ranges::any_of(pool->dilations, [](int64_t by) { return by != 1; });
    return dilates && pool->kind != PoolKind::kMax ? "dilated" : "";
  }
  if (const auto* reshape = std::get_if<Reshape>(&node.op))
    return std::ranges::count(reshape->shape, 0) > 0 ? "without elements" : "";
  if (std::holds_alternative<Opaque>(node.op)) return "of another opset";
  return "";
}

std::string problem_of(const ::onnx::NodeProto& node, const ExportTarget& target) {
  if (!node.domain().empty()) return fmt::format("domain {}", display(node.domain(), 40));
  return target.operators.contains(node.op_type()) ? "" : "no such operator";
}

}  // namespace

const std::vector<ExportTarget>& export_targets() {
  static const std::vector<ExportTarget> targets = read_targets();
  return targets;
}

Result<const ExportTarget*> find_export_target(std::string_view name) {
  std::vector<std::string> names;
  for (const ExportTarget& target : export_targets()) {
    if (target.name == name) return &target;
    names.push_back(target.name);
  }
  const std::string near = closest(name, names);
  return fail_with_hint(ErrorCode::kUsage,
                        fmt::format("there is no target '{}'", display(name, 40)),
                        near.empty() ? fmt::format("targets: {}", fmt::join(names, ", "))
                                     : fmt::format("did you mean '{}'?", near));
}

Result<void> check_target(const Graph& graph, const ::onnx::ModelProto& model,
                          const ExportTarget& target) {
  std::vector<std::string> culprits;
  const auto add = [&](std::string_view op, std::string_view name, std::string_view problem) {
    if (!problem.empty())
      culprits.push_back(fmt::format("{} '{}' ({})", display(op, 40), display(name, 80), problem));
  };
  for (const ::onnx::NodeProto& node : model.graph().node())
    add(node.op_type(), node.name(), problem_of(node, target));
  for (const Node& node : graph.nodes()) {
    const std::string name =
        node.origins.empty() ? std::string() : graph.origins()[node.origins[0]].node;
    add(display_name(node.op), name, problem_of(node, target));
  }
  if (culprits.empty()) return {};
  std::string more;
  if (culprits.size() > kMostNamed) {
    more = fmt::format(" and {} more nodes", culprits.size() - kMostNamed);
    culprits.resize(kMostNamed);
  }
  return fail_with_hint(
      ErrorCode::kUnsupportedOp,
      fmt::format("{} does not take {}{}", target.name, fmt::join(culprits, ", "), more),
      "change these layers of the model, or compute them outside of it");
}

}  // namespace nitro::onnx
