#include <algorithm>

#include "passes/passes.h"
#include "passes/rewriter.h"

namespace nitro::passes {
namespace {

Tensor transposed_matrix(const Tensor& matrix, int64_t rows, int64_t columns) {
  Tensor result({matrix.dtype(), {columns, rows}});
  const int64_t element = size_of(matrix.dtype());
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      std::memcpy(result.mutable_bytes().data() + (column * rows + row) * element,
                  matrix.bytes().data() + (row * columns + column) * element,
                  static_cast<size_t>(element));
    }
  }
  return result;
}

/// Whether each element of the image is in exactly one patch, and a patch is more than one pixel.
bool cuts_patches(const Conv& conv, const Shape& image, const Shape& weight) {
  if (image.size() != 4 || conv.group != 1) return false;
  for (size_t i = 0; i < 2; ++i) {
    const int64_t kernel = weight[i + 2];
    if (conv.strides[i] != kernel || conv.dilations[i] != 1 || conv.pads_before[i] != 0 ||
        conv.pads_after[i] != 0 || kernel == 0 || image[i + 2] % kernel != 0) {
      return false;
    }
  }
  return weight[2] * weight[3] > 1;
}

/// Patches as rows, times the kernel as a matrix: tokens first, then as channels of an image.
Result<bool> lower(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const auto* conv = std::get_if<Conv>(&node.op);
  if (!conv) return false;
  const Tensor* weight = graph.constant(node.inputs[1]);
  const Shape& image = graph.type(node.inputs[0]).shape;
  if (!weight || !cuts_patches(*conv, image, weight->shape())) return false;
  const Shape& kernel = weight->shape();
  const Shape& map = graph.type(node.outputs[0]).shape;
  const int64_t rows = map[2], columns = map[3], tokens = rows * columns;
  const int64_t patch = kernel[1] * kernel[2] * kernel[3];

  ValueId value = rewriter.mapped(node.inputs[0]);
  const auto then = [&](Op op, std::vector<ValueId> more = {}) -> Result<void> {
    more.insert(more.begin(), value);
    value = TRY(rewriter.emit(std::move(op), std::move(more), {&node}));
    return {};
  };
  TRY(then(Reshape{{image[0], image[1], rows, kernel[2], columns, kernel[3]}}));
  TRY(then(Transpose{{0, 2, 4, 1, 3, 5}}));
  TRY(then(Reshape{{image[0] * tokens, patch}}));
  TRY(then(MatMul{}, {rewriter.add_constant(transposed_matrix(*weight, kernel[0], patch))}));
  if (node.inputs.size() > 2 && node.inputs[2] != kNoValue)
    TRY(then(Binary{BinaryKind::kAdd}, {rewriter.mapped(node.inputs[2])}));
  TRY(then(Reshape{{image[0], tokens, kernel[0]}}));
  TRY(then(Transpose{{0, 2, 1}}));
  TRY(then(Reshape{map}));
  rewriter.replace(node.outputs[0], value);
  return true;
}

}  // namespace

Result<bool> lower_patch_embedding(Graph& graph, const Parameters&) {
  return rewrite(graph, lower, 1);
}

}  // namespace nitro::passes
