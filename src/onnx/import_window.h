#pragma once

#include <span>

#include "ir/window.h"
#include "onnx/import_node.h"

namespace nitro::onnx {

/// The window of a convolution or pool with its padding resolved.
struct ImportedWindow {
  Ints kernel, strides, dilations, pads_before, pads_after;

  Window view() const { return {kernel, strides, dilations, pads_before, pads_after}; }
};

/// Reads kernel_shape, strides, dilations, pads and auto_pad for an input of the sizes `spatial`.
/// `kernel` is that of the weights; empty: kernel_shape is required.
Result<ImportedWindow> read_window(const ImportNode& node, std::span<const int64_t> spatial,
                                   Ints kernel);

/// The spatial axes of operand `i`, which must have at least one.
Result<Shape> spatial_shape(const ImportNode& node, size_t i);

}  // namespace nitro::onnx
