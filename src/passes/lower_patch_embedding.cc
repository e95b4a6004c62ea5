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

/// Whether `node` is a convolution of patches by constants.
bool embeds_patches(const Graph& graph, const Node* node) {
  const auto* conv = node ? std::get_if<Conv>(&node->op) : nullptr;
  if (!conv) return false;
  const Tensor* weight = graph.constant(node->inputs[1]);
  return weight && cuts_patches(*conv, graph.type(node->inputs[0]).shape, weight->shape());
}

/// Patches as rows, times the kernel as a matrix: [images * tokens, channels].
Result<ValueId> patch_rows(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  const Tensor& weight = *graph.constant(node.inputs[1]);
  const Shape& kernel = weight.shape();
  const Shape& image = graph.type(node.inputs[0]).shape;
  const Shape& map = graph.type(node.outputs[0]).shape;
  const int64_t patch = kernel[1] * kernel[2] * kernel[3];

  ValueId value = rewriter.mapped(node.inputs[0]);
  const auto then = [&](Op op, std::vector<ValueId> more = {}) -> Result<void> {
    more.insert(more.begin(), value);
    value = TRY(rewriter.emit(std::move(op), std::move(more), {&node}));
    return {};
  };
  TRY(then(Reshape{{image[0], image[1], map[2], kernel[2], map[3], kernel[3]}}));
  TRY(then(Transpose{{0, 2, 4, 1, 3, 5}}));
  TRY(then(Reshape{{image[0] * map[2] * map[3], patch}}));
  TRY(then(MatMul{}, {rewriter.add_constant(transposed_matrix(weight, kernel[0], patch))}));
  if (node.inputs.size() > 2 && node.inputs[2] != kNoValue)
    TRY(then(Binary{BinaryKind::kAdd}, {rewriter.mapped(node.inputs[2])}));
  return value;
}

/// Makes `rows` the channels of images, in place of the output of `node`.
Result<void> replace_map(Rewriter& rewriter, const Node& node, ValueId rows) {
  const Shape& map = rewriter.source().type(node.outputs[0]).shape;
  const ValueId tokens =
      TRY(rewriter.emit(Reshape{{map[0], map[2] * map[3], map[1]}}, {rows}, {&node}));
  const ValueId channels = TRY(rewriter.emit(Transpose{{0, 2, 1}}, {tokens}, {&node}));
  rewriter.replace(node.outputs[0], TRY(rewriter.emit(Reshape{map}, {channels}, {&node})));
  return {};
}

Result<bool> lower(Rewriter& rewriter, const Node& node) {
  const Graph& graph = rewriter.source();
  if (embeds_patches(graph, &node)) {
    TRY(replace_map(rewriter, node, TRY(patch_rows(rewriter, node))));
    return true;
  }
  // Joined maps become joined rows: rows are what is read of both.
  const auto is_map = [&](ValueId id) {
    return rewriter.used_once(id) && embeds_patches(graph, graph.producer(id));
  };
  if (node.op != Op(Concat{0}) || !std::ranges::all_of(node.inputs, is_map)) return false;
  std::vector<ValueId> rows;
  for (ValueId id : node.inputs) rows.push_back(TRY(patch_rows(rewriter, *graph.producer(id))));
  TRY(replace_map(rewriter, node, TRY(rewriter.emit(Concat{0}, rows, {&node}))));
  return true;
}

}  // namespace

Result<bool> lower_patch_embedding(Graph& graph, const Parameters&) {
  return rewrite(graph, lower, 1);
}

}  // namespace nitro::passes
