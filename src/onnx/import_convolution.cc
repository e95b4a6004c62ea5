#include "onnx/import_convolution.h"

#include <algorithm>

#include "onnx/import_activation.h"
#include "onnx/import_window.h"

namespace nitro::onnx {
namespace {

/// Pads and output padding that give an explicit output_shape or, with auto_pad SAME, strides times
/// the input.
Result<void> fit_output(const ImportNode& node, const Shape& spatial, const ImportedWindow& window,
                        ConvTranspose& op) {
  const std::string padding = TRY(node.string("auto_pad", "NOTSET"));
  Ints wanted = TRY(node.integers("output_shape"));
  const bool same = padding.starts_with("SAME");
  if (wanted.empty() && !same) return {};
  if (wanted.empty()) {
    for (size_t i = 0; i < spatial.size(); ++i) wanted.push_back(spatial[i] * window.strides[i]);
  }
  if (wanted.size() > spatial.size()) {  // some exporters include batch and channels
    wanted.erase(wanted.begin(), wanted.end() - static_cast<int64_t>(spatial.size()));
  }
  const Operands in(node.op_type(), {});
  TRY(check_spatial(wanted, in));
  TRY(check_spatial(op.output_padding, in));
  if (wanted.size() != spatial.size() || op.output_padding.size() != spatial.size()) {
    return fail(ErrorCode::kBadModel, "output_shape and output_padding need all spatial axes");
  }
  for (size_t i = 0; i < spatial.size(); ++i) {
    if (spatial[i] >= int64_t{1} << 31) return node.unsupported("for an axis of this length");
    const int64_t total = window.strides[i] * (spatial[i] - 1) + op.output_padding[i] +
                          dilated_extent(window.kernel[i], window.dilations[i]) - wanted[i];
    const int64_t cut = std::max<int64_t>(0, total);
    op.output_padding[i] += cut - total;
    op.pads_before[i] = padding == "SAME_UPPER" ? cut / 2 : cut - cut / 2;
    op.pads_after[i] = cut - op.pads_before[i];
  }
  return {};
}

Result<Ints> weight_kernel(const ImportNode& node, size_t w, size_t rank) {
  const Shape kernel = TRY(spatial_shape(node, w));
  if (kernel.size() != rank) {
    return fail(ErrorCode::kShapeMismatch, "input and weights of {} differ in rank",
                node.op_type());
  }
  return kernel;
}

std::vector<ValueId> operands(const ImportNode& node, size_t count) {
  std::vector<ValueId> result;
  for (size_t i = 0; i < count; ++i) result.push_back(node.input(i));
  if (result.back() == kNoValue) result.pop_back();
  return result;
}

}  // namespace

Result<Conv> read_convolution(const ImportNode& node, size_t x, size_t w) {
  const Shape spatial = TRY(spatial_shape(node, x));
  const ImportedWindow window =
      TRY(read_window(node, spatial, TRY(weight_kernel(node, w, spatial.size()))));
  return Conv{window.strides, window.dilations, window.pads_before, window.pads_after,
              TRY(node.integer("group", 1))};
}

Result<std::vector<ValueId>> import_conv(ImportNode& node) {
  return node.emit_all(TRY(read_convolution(node, 0, 1)), operands(node, 3));
}

Result<std::vector<ValueId>> import_fused_conv(ImportNode& node) {
  ValueId value = TRY(node.emit(TRY(read_convolution(node, 0, 1)), operands(node, 3)));
  if (node.has(3)) value = TRY(node.emit(Binary{BinaryKind::kAdd}, {value, node.input(3)}));
  const std::string activation = TRY(node.string("activation", ""));
  const std::vector<double> parameters = TRY(node.numbers("activation_params"));
  return std::vector{TRY(emit_activation(node, activation, parameters, value))};
}

Result<std::vector<ValueId>> import_conv_transpose(ImportNode& node) {
  const Shape spatial = TRY(spatial_shape(node, 0));
  const ImportedWindow window =
      TRY(read_window(node, spatial, TRY(weight_kernel(node, 1, spatial.size()))));
  ConvTranspose op{window.strides,
                   window.dilations,
                   window.pads_before,
                   window.pads_after,
                   TRY(node.integers("output_padding", Ints(spatial.size(), 0))),
                   TRY(node.integer("group", 1))};
  TRY(fit_output(node, spatial, window, op));
  return node.emit_all(op, operands(node, 3));
}

}  // namespace nitro::onnx
