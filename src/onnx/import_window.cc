#include "onnx/import_window.h"

#include <algorithm>

namespace nitro::onnx {
namespace {

/// Splits `total` elements of padding of one axis; the odd one goes behind, or in front for lower.
void split_padding(int64_t total, bool lower, int64_t& before, int64_t& after) {
  before = total / 2 + (lower ? total % 2 : 0);
  after = total - before;
}

Result<void> read_pads(const ImportNode& node, ImportedWindow& window) {
  const size_t rank = window.kernel.size();
  const Ints pads = TRY(node.integers("pads", Ints(2 * rank, 0)));
  if (pads.size() != 2 * rank) {
    return fail(ErrorCode::kBadModel, "pads must have two entries per spatial axis");
  }
  const auto middle = pads.begin() + static_cast<int64_t>(rank);
  window.pads_before.assign(pads.begin(), middle);
  window.pads_after.assign(middle, pads.end());
  return {};
}

/// Padding with which an output has ceil(size / stride) elements.
void pad_to_same(std::span<const int64_t> spatial, bool lower, ImportedWindow& window) {
  for (size_t i = 0; i < spatial.size(); ++i) {
    const int64_t stride = window.strides[i];
    const int64_t outputs = (spatial[i] + stride - 1) / stride;
    const int64_t extent = dilated_extent(window.kernel[i], window.dilations[i]);
    const int64_t total = std::max<int64_t>(0, (outputs - 1) * stride + extent - spatial[i]);
    split_padding(total, lower, window.pads_before[i], window.pads_after[i]);
  }
}

}  // namespace

Result<ImportedWindow> read_window(const ImportNode& node, std::span<const int64_t> spatial,
                                   Ints kernel) {
  const size_t rank = spatial.size();
  const bool known = !kernel.empty();
  ImportedWindow window;
  window.kernel = TRY(node.integers("kernel_shape", kernel));
  if (known && window.kernel != kernel) {
    return fail(ErrorCode::kBadModel, "kernel_shape {} differs from that of the weights, {}",
                text(window.kernel), text(kernel));
  }
  window.strides = TRY(node.integers("strides", Ints(rank, 1)));
  window.dilations = TRY(node.integers("dilations", Ints(rank, 1)));
  window.pads_before = window.pads_after = Ints(rank, 0);
  const std::string padding = TRY(node.string("auto_pad", "NOTSET"));
  if (padding == "NOTSET" || padding.empty()) {
    if (window.kernel.size() == rank) TRY(read_pads(node, window));
  } else if (padding != "VALID" && padding != "SAME_UPPER" && padding != "SAME_LOWER") {
    return fail(ErrorCode::kBadModel, "auto_pad has none of its four values");
  }
  const Operands in(node.op_type(), {});
  TRY(check_window(window.view(), rank, in));
  TRY(check_spatial(spatial, in));
  if (padding.starts_with("SAME")) pad_to_same(spatial, padding == "SAME_LOWER", window);
  return window;
}

Result<Shape> spatial_shape(const ImportNode& node, size_t i) {
  if (node.rank(i) < 3) {
    return fail(ErrorCode::kShapeMismatch, "{} needs an operand {} with spatial axes",
                node.op_type(), i);
  }
  const Shape& shape = node.type(i).shape;
  return Shape(shape.begin() + 2, shape.end());
}

}  // namespace nitro::onnx
