#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/text.h"
#include "passes/lossy/calibration.h"
#include "passes/norms_before_layers.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

/// Ends the names of values that are other than a calibration before saw them.
constexpr std::string_view kMigrated = ".migrated";
constexpr double kMostScale = 1e4;

using Scales = std::vector<double>;

double magnitude_of_row(const Tensor& weight, const std::vector<double>& values, bool transposed,
                        size_t row) {
  const auto width = static_cast<size_t>(weight.shape()[1]);
  const size_t count = values.size() / static_cast<size_t>(weight.shape()[transposed ? 1 : 0]);
  double most = 0;
  for (size_t k = 0; k < count; ++k)
    most = std::max(most, std::abs(values[transposed ? k * width + row : row * width + k]));
  return most;
}

/// SmoothQuant's scales: what each channel of the activations is divided by, and the row of the
/// weights multiplied with. "SmoothQuant: Accurate and Efficient Post-Training Quantization for
/// Large Language Models", Xiao et al. 2023, equation 4.
Scales scales_of(const Graph& graph, const NormBeforeLayers& found,
                 const std::vector<const ValueRecord*>& records, double strength) {
  Scales seen(static_cast<size_t>(graph.constant(found.scale())->elements()), 0.0);
  Scales weights = seen;
  for (size_t l = 0; l < found.layers.size(); ++l) {
    const Tensor& weight = *graph.constant(found.layers[l]->inputs[1]);
    const std::vector<double> values = weight.as<double>();
    for (size_t i = 0; i < seen.size(); ++i) {
      seen[i] = std::max(seen[i], records[l]->channel_max[i]);
      weights[i] = std::max(
          weights[i], magnitude_of_row(weight, values, transposes_weight(*found.layers[l]), i));
    }
  }
  Scales scales(seen.size(), 1.0);
  for (size_t i = 0; i < scales.size(); ++i) {
    if (seen[i] == 0 || weights[i] == 0) continue;
    const double scale = std::pow(seen[i], strength) / std::pow(weights[i], 1 - strength);
    scales[i] = std::clamp(scale, 1 / kMostScale, kMostScale);
  }
  return scales;
}

class Migrator {
 public:
  void add(const NormBeforeLayers& found, Scales scales) {
    const Scales& kept =
        norms_.emplace(found.norm, std::pair(found, std::move(scales))).first->second.second;
    for (const Node* layer : found.layers) layers_[layer] = &kept;
    moves_.insert(found.moves.begin(), found.moves.end());
  }

  Result<bool> operator()(Rewriter& rewriter, const Node& node) const {
    std::vector<ValueId> inputs = rewriter.mapped(node.inputs);
    if (const auto norm = norms_.find(&node); norm != norms_.end()) {
      const auto& [found, scales] = norm->second;
      for (size_t i = found.scale_operand(); i < inputs.size(); ++i) {
        if (i > found.scale_operand() + 1 || inputs[i] == kNoValue) continue;
        inputs[i] = divided(rewriter, node.inputs[i], scales);
      }
      return emit(rewriter, node, inputs, kMigrated);
    }
    if (moves_.contains(&node)) return emit(rewriter, node, inputs, kMigrated);
    const auto layer = layers_.find(&node);
    if (layer == layers_.end()) return false;
    const Tensor& weight = *rewriter.source().constant(node.inputs[1]);
    inputs[1] = rewriter.add_constant(scale_rows(weight, transposes_weight(node), *layer->second));
    return emit(rewriter, node, inputs, "");
  }

 private:
  static ValueId divided(Rewriter& rewriter, ValueId constant, const Scales& scales) {
    const Tensor& tensor = *rewriter.source().constant(constant);
    std::vector<double> values = tensor.as<double>();
    for (size_t i = 0; i < values.size(); ++i) values[i] /= scales[i];
    return rewriter.add_constant(Tensor::of(tensor.dtype(), tensor.shape(), values));
  }

  static Result<bool> emit(Rewriter& rewriter, const Node& node, std::vector<ValueId> inputs,
                           std::string_view ending) {
    const auto outputs = TRY(rewriter.emit_all(node.op, std::move(inputs), {&node}));
    const std::string& name = rewriter.source().value(node.outputs[0]).name;
    if (!ending.empty()) rewriter.result().set_value_name(outputs[0], name + std::string(ending));
    for (size_t i = 0; i < outputs.size(); ++i) rewriter.replace(node.outputs[i], outputs[i]);
    return true;
  }

  std::map<const Node*, std::pair<NormBeforeLayers, Scales>> norms_;
  std::map<const Node*, const Scales*> layers_;
  std::set<const Node*> moves_;
};

/// Those that have nothing migrated yet.
std::vector<NormBeforeLayers> candidates(const Graph& graph) {
  std::vector<NormBeforeLayers> norms = norms_before_layers(graph);
  std::erase_if(norms, [&](const NormBeforeLayers& found) {
    return graph.value(found.norm->outputs[0]).name.ends_with(kMigrated);
  });
  return norms;
}

}  // namespace

Result<bool> migrate_scales(Graph& graph, const Parameters& parameters) {
  double strength = 0.5;
  if (const auto given = parameters.find("strength");
      given != parameters.end() &&
      (!parse_number(given->second, strength) || !(strength >= 0 && strength <= 1))) {
    return fail(ErrorCode::kBadRecipe, "strength is '{}', not a number from 0 to 1",
                display(given->second, 40));
  }
  const auto file = parameters.find("calibration");
  if (file == parameters.end()) {
    return fail_with_hint(ErrorCode::kBadRecipe, "it needs the parameter calibration=FILE",
                          "nitro calibrate makes such a file");
  }
  const std::vector<NormBeforeLayers> norms = candidates(graph);
  if (norms.empty()) return false;
  const Calibration calibration = TRY(read_calibration(file->second));
  Migrator migrator;
  for (const NormBeforeLayers& found : norms) {
    std::vector<ValueId> values;
    for (const Node* layer : found.layers) values.push_back(layer->inputs[0]);
    const auto records = TRY(records_of(calibration, graph, values));
    migrator.add(found, scales_of(graph, found, records, strength));
  }
  return rewrite(graph, migrator, 1);
}

}  // namespace nitro::passes
