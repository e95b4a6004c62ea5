#include <algorithm>
#include <map>

#include "base/text.h"
#include "passes/lossy/chosen_layers.h"
#include "passes/lossy/quantization_range.h"
#include "passes/lossy/quantized_weights.h"
#include "passes/match.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

struct Settings {
  RangeMethod method = RangeMethod::kMse;
  bool per_channel = true;
};

Result<Settings> read_settings(const Parameters& parameters) {
  Settings settings;
  if (const auto method = parameters.find("method"); method != parameters.end())
    settings.method = TRY(parse_range_method(method->second));
  if (const auto weights = parameters.find("weights"); weights != parameters.end()) {
    if (weights->second != "channel" && weights->second != "tensor") {
      return fail(ErrorCode::kBadRecipe, "weights is '{}', not channel or tensor",
                  display(weights->second, 40));
    }
    settings.per_channel = weights->second == "channel";
  }
  return settings;
}

/// Values whose scales are needed: what layers read, and what convolutions make.
std::vector<ValueId> quantized_values(const std::vector<QuantizableLayer>& layers) {
  std::vector<ValueId> values;
  for (const QuantizableLayer& layer : layers) {
    values.push_back(layer.x);
    if (layer.is_convolution()) values.push_back(layer.output);
  }
  return values;
}

class Quantizer {
 public:
  Quantizer(std::vector<QuantizableLayer> layers, std::map<ValueId, ActivationScale> scales,
            bool per_channel)
      : scales_(std::move(scales)), per_channel_(per_channel) {
    for (QuantizableLayer& layer : layers) {
      const Node* end = layer.nodes.back();
      layers_.emplace(end, std::move(layer));
    }
  }

  Result<bool> operator()(Rewriter& rewriter, const Node& node) {
    const auto found = layers_.find(&node);
    if (found == layers_.end()) return false;
    const QuantizableLayer& layer = found->second;
    const ActivationScale& scale = scales_.at(layer.x);
    const ValueId x = TRY(through_8_bits(rewriter, layer.x, rewriter.mapped(layer.x), layer.nodes));
    const QuantizedWeights weights = quantize_weights(*rewriter.source().constant(layer.weight),
                                                      layer.channel_axis, per_channel_);
    const ValueId w =
        TRY(dequantize(rewriter, weights.values, weights.scales, layer.channel_axis, layer.nodes));
    std::vector<ValueId> operands = {x, w};
    if (layer.bias != kNoValue) {
      std::vector<double> scales = weights.scales;
      for (double& each : scales) each *= scale.scale;
      const Tensor bias = quantize_bias(*rewriter.source().constant(layer.bias), scales);
      operands.push_back(TRY(dequantize(rewriter, bias, scales, 0, layer.nodes)));
    }
    ValueId y = TRY(product(rewriter, layer, std::move(operands)));
    if (layer.is_convolution()) y = TRY(through_8_bits(rewriter, layer.output, y, layer.nodes));
    rewriter.replace(layer.output, y);
    return true;
  }

 private:
  /// `value` of the result, which stands for `old`, as 8 bits and back; made once for all readers.
  Result<ValueId> through_8_bits(Rewriter& rewriter, ValueId old, ValueId value,
                                 const std::vector<const Node*>& from) {
    if (const auto made = made_.find(old); made != made_.end()) return made->second;
    const ActivationScale& scale = scales_.at(old);
    const ValueId step = rewriter.add_constant(Tensor::scalar(DType::kF32, scale.scale));
    const ValueId zero =
        rewriter.add_constant(Tensor::scalar(DType::kU8, static_cast<double>(scale.zero)));
    const ValueId levels = TRY(rewriter.emit(QuantizeLinear{}, {value, step, zero}, from));
    const ValueId back = TRY(rewriter.emit(DequantizeLinear{}, {levels, step, zero}, from));
    return made_.emplace(old, back).first->second;
  }

  static Result<ValueId> dequantize(Rewriter& rewriter, const Tensor& integers,
                                    const std::vector<double>& scales, int64_t axis,
                                    const std::vector<const Node*>& from) {
    const Shape shape = scales.size() == 1 ? Shape{} : Shape{static_cast<int64_t>(scales.size())};
    const ValueId step = rewriter.add_constant(Tensor::of(DType::kF32, shape, scales));
    const ValueId zero = rewriter.add_constant(Tensor(TensorType{integers.dtype(), shape}));
    return rewriter.emit(DequantizeLinear{shape.empty() ? 0 : axis},
                         {rewriter.add_constant(integers), step, zero}, from);
  }

  /// A product with a bias is a Gemm on rows: onnxruntime has no other integer op with one.
  static Result<ValueId> product(Rewriter& rewriter, const QuantizableLayer& layer,
                                 std::vector<ValueId> operands) {
    const auto emit = [&](Op op, std::vector<ValueId> inputs) {
      return rewriter.emit(std::move(op), std::move(inputs), layer.nodes);
    };
    const bool separate = std::holds_alternative<MatMul>(layer.node().op);
    if (!separate || layer.bias == kNoValue) {
      const ValueId y = TRY(emit(layer.node().op, std::move(operands)));
      return layer.is_convolution() && layer.nodes.size() > 1 ? emit(layer.nodes[1]->op, {y}) : y;
    }
    const Shape shape = rewriter.source().type(layer.output).shape;
    if (shape.size() == 2) return emit(Gemm{}, std::move(operands));
    const Shape rows = {rows_of(shape), rewriter.type(operands[0]).shape.back()};
    operands[0] = TRY(emit(Reshape{rows}, {operands[0]}));
    const ValueId y = TRY(emit(Gemm{}, std::move(operands)));
    return emit(Reshape{shape}, {y});
  }

  std::map<const Node*, QuantizableLayer> layers_;  // by the node that makes the output
  const std::map<ValueId, ActivationScale> scales_;
  const bool per_channel_;
  std::map<ValueId, ValueId> made_;
};

}  // namespace

Result<bool> quantize_int8(Graph& graph, const Parameters& parameters) {
  const Settings settings = TRY(read_settings(parameters));
  const auto file = parameters.find("calibration");
  if (file == parameters.end()) {
    return fail_with_hint(ErrorCode::kBadRecipe, "it needs the parameter calibration=FILE",
                          "nitro calibrate makes such a file");
  }
  const std::vector<QuantizableLayer> layers = TRY(chosen_layers(graph, parameters));
  if (layers.empty()) return false;
  const Calibration calibration = TRY(read_calibration(file->second));
  const std::vector<ValueId> values = quantized_values(layers);
  const auto records = TRY(records_of(calibration, graph, values));
  std::map<ValueId, ActivationScale> scales;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!scales.contains(values[i]))
      scales.emplace(values[i], choose_scale(*records[i], settings.method));
  }
  return rewrite(graph, Quantizer(layers, std::move(scales), settings.per_channel), 1);
}

}  // namespace nitro::passes
