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

std::set<std::string> words(const toml::table& row, std::string_view key) {
  std::set<std::string> found;
  const toml::array* listed = row[key].as_array();
  if (listed == nullptr) return found;
  for (const toml::node& word : *listed) found.insert(word.value_or(""));
  return found;
}

std::map<std::string, std::set<std::string>> words_by_key(const toml::table& row,
                                                          std::string_view key) {
  std::map<std::string, std::set<std::string>> found;
  const toml::table* listed = row[key].as_table();
  if (listed == nullptr) return found;
  for (const auto& [name, value] : *listed)
    found.emplace(std::string(name.str()), words(*listed, name.str()));
  return found;
}

/// With those of the row that it extends.
std::set<std::string> operators_of(const toml::table& targets, const toml::table& row) {
  std::set<std::string> found = words(row, "operators");
  if (const auto base = row["extends"].value<std::string_view>())
    found.merge(operators_of(targets, *targets[*base].as_table()));
  return found;
}

std::vector<ExportTarget> read_targets() {
  std::vector<ExportTarget> targets;
  const toml::table parsed = toml::parse(embedded::targets_toml);
  for (const auto& [key, value] : parsed) {
    const toml::table& row = *value.as_table();
    ExportTarget target;
    target.name = row["name"].value_or("");
    target.opset = row["opset"].value_or(int64_t{0});
    target.operators = operators_of(parsed, row);
    target.planar = words(row, "planar");
    target.types = words_by_key(row, "types");
    for (const std::string& phrase : words(row, "lacks")) {
      const auto parts = split(phrase, ' ');
      target.lacks.emplace_back(parts.begin(), parts.end());
    }
    target.pad_last_axes = row["pad_last_axes"].value_or(int64_t{0});
    target.resize_modes = words(row, "resize_modes");
    target.resize_coordinates = words(row, "resize_coordinates");
    target.resize_nearest = words(row, "resize_nearest");
    targets.push_back(std::move(target));
  }
  std::ranges::sort(targets, {}, &ExportTarget::name);
  return targets;
}

/// That ONNX's word for `value` is not among those `taken`, of which none are all.
template <class Kind>
std::string unless_in(const std::set<std::string>& taken, Kind value) {
  const std::string word(enum_names(value)[static_cast<size_t>(value)]);
  if (taken.empty() || taken.contains(word)) return "";
  return fmt::format("{}, not {}", word, fmt::join(taken, " or "));
}

// What the target does not take of an op that it has; "" where there is nothing.

std::string problem_of(const Resize& op, const ExportTarget& target) {
  if (op.antialias) return "antialias";
  if (op.coordinates == ResizeCoordinates::kHalfPixelSymmetric && target.opset < 19)
    return "half_pixel_symmetric";
  for (const std::string& problem : {unless_in(target.resize_modes, op.mode),
                                     unless_in(target.resize_coordinates, op.coordinates)}) {
    if (!problem.empty()) return problem;
  }
  return op.mode == Interpolation::kNearest ? unless_in(target.resize_nearest, op.nearest) : "";
}

std::string problem_of_axes(std::string_view name, size_t axes, const ExportTarget& target) {
  return axes == 1 && target.planar.contains(std::string(name)) ? "over one axis" : "";
}

std::string problem_of(const Pool& op, const ExportTarget& target) {
  const bool dilates = std::ranges::any_of(op.dilations, [](int64_t by) { return by != 1; });
  if (dilates && op.kind != PoolKind::kMax) return "dilated";
  const std::string name = fmt::format("{}Pool", enum_names(op.kind)[static_cast<size_t>(op.kind)]);
  return problem_of_axes(name, op.out.size(), target);
}

template <class OpT>
std::string problem_of_scatter(const OpT& op, const ExportTarget& target) {
  const bool compares =
      op.reduction == ScatterReduction::kMin || op.reduction == ScatterReduction::kMax;
  return compares && target.opset < 18 ? "to the least or largest" : "";
}

std::string problem_of_type(const std::string& name, DType dtype, const ExportTarget& target) {
  const auto types = target.types.find(name);
  const std::string word(nitro::name(dtype));
  if (types == target.types.end() || types->second.contains(word)) return "";
  return fmt::format("of {}, not {}", word, fmt::join(types->second, " or "));
}

std::string problem_of(const Pad& op, const ExportTarget& target) {
  if (op.mode == PadMode::kWrap && target.opset < 19) return "wrapping";
  if (target.pad_last_axes == 0) return "";
  if (op.mode != PadMode::kConstant || op.value != 0) return "not with zeros";
  const auto outer = static_cast<std::ptrdiff_t>(
      std::max<int64_t>(0, static_cast<int64_t>(op.before.size()) - target.pad_last_axes));
  const auto is_zero = [](int64_t pad) { return pad == 0; };
  const bool plain = std::all_of(op.before.begin(), op.before.begin() + outer, is_zero) &&
                     std::all_of(op.after.begin(), op.after.begin() + outer, is_zero);
  return plain ? "" : fmt::format("not on the last {} axes", target.pad_last_axes);
}

/// `x` is the first operand.
std::string problem_of(const Op& op, const TensorType& x, const ExportTarget& target) {
  if (const auto* resize = std::get_if<Resize>(&op)) return problem_of(*resize, target);
  if (const auto* pad = std::get_if<Pad>(&op)) return problem_of(*pad, target);
  if (const auto* pool = std::get_if<Pool>(&op)) return problem_of(*pool, target);
  if (const auto* scatter = std::get_if<ScatterElements>(&op))
    return problem_of_scatter(*scatter, target);
  if (const auto* scatter = std::get_if<ScatterND>(&op))
    return problem_of_scatter(*scatter, target);
  if (const auto* conv = std::get_if<Conv>(&op))
    return problem_of_axes(Conv::kName, conv->strides.size(), target);
  if (const auto* conv = std::get_if<ConvTranspose>(&op))
    return problem_of_axes(ConvTranspose::kName, conv->strides.size(), target);
  if (std::holds_alternative<GridSample>(op)) return x.rank() != 4 ? "not of images" : "";
  if (const auto* arg = std::get_if<ArgReduce>(&op))
    return problem_of_type(arg->largest ? "ArgMax" : "ArgMin", x.dtype, target);
  if (std::holds_alternative<TopK>(op)) return problem_of_type("TopK", x.dtype, target);
  if (const auto* reshape = std::get_if<Reshape>(&op))
    return std::ranges::count(reshape->shape, 0) > 0 ? "without elements" : "";
  if (std::holds_alternative<Opaque>(op)) return "of another opset";
  return "";
}

std::string problem_of(const ::onnx::NodeProto& node, const ExportTarget& target) {
  if (!node.domain().empty()) return fmt::format("domain {}", display(node.domain(), 40));
  if (!target.operators.contains(node.op_type())) return "no such operator";
  const auto has = [&](const std::string& name) {
    return std::ranges::any_of(node.attribute(),
                               [&](const auto& given) { return given.name() == name; });
  };
  for (const std::vector<std::string>& phrase : target.lacks) {
    if (phrase[0] == node.op_type() && std::all_of(phrase.begin() + 1, phrase.end(), has))
      return fmt::format("with {}", fmt::join(phrase.begin() + 1, phrase.end(), " and "));
  }
  return "";
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

std::string kept_operators(const ExportTarget& target) {
  std::set<std::string> kept = target.operators;
  for (const std::string& name : target.planar) kept.erase(name);
  if (target.pad_last_axes > 0) kept.erase("Pad");
  return fmt::format("{}", fmt::join(kept, " "));
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
    const bool reads = !node.inputs.empty() && node.inputs[0] != kNoValue;
    const TensorType x = reads ? graph.type(node.inputs[0]) : TensorType{};
    add(display_name(node.op), name, problem_of(node.op, x, target));
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
