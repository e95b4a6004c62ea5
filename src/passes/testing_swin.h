#pragma once

#include <cmath>

#include "passes/testing.h"

namespace nitro::passes {

/// A small Swin Transformer as PyTorch exports it: 4x4 tokens of width 8 with 2 heads and 2x2
/// windows in a plain and a shifted block, merged to 2x2 tokens of twice the width for a third
/// block.
class TestSwin {
 public:
  static constexpr int64_t kBlocks = 3;

  explicit TestSwin(int64_t batch = 1, int64_t width = 8)
      : batch_(batch), width_(width), graph_(5) {}

  /// Input f32[batch,3,8,8], output f32[batch,5].
  Graph build() {
    graph_.enter("patch_embed");
    const ValueId image = graph_.input({batch_, 3, 8, 8});
    const Conv conv{.strides = {2, 2},
                    .dilations = {1, 1},
                    .pads_before = {0, 0},
                    .pads_after = {0, 0},
                    .group = 1};
    const ValueId map =
        graph_.node(conv, {image, graph_.weight({width_, 3, 2, 2}), graph_.weight({width_})});
    ValueId x = graph_.transpose(graph_.reshape(map, {batch_, width_, 16}), {0, 2, 1});
    x = graph_.layer_norm(x);
    x = block("blocks.0", x, 4, false);
    x = block("blocks.1", x, 4, true);
    graph_.enter("downsample");
    x = merge(x, 4);
    x = block("blocks.2", x, 2, false);
    graph_.enter("head");
    const ValueId channels = graph_.transpose(graph_.layer_norm(x), {0, 2, 1});
    const ValueId mean =
        graph_.node(Reduce{.kind = ReduceKind::kMean, .axes = {2}, .keep_dims = true}, {channels});
    const ValueId vectors = graph_.reshape(mean, {batch_, 2 * width_});
    return graph_.finish(
        {graph_.node(Gemm{.transpose_b = true}, {vectors, graph_.weight({5, 2 * width_})})});
  }

  /// The modules of the attention and MLP layers.
  static std::set<std::string> modules() {
    std::set<std::string> names;
    for (int64_t i = 0; i < kBlocks; ++i) {
      for (const char* layer : {"qkv", "softmax", "proj", "fc1", "act", "fc2"})
        names.insert("blocks." + std::to_string(i) + "." + layer);
    }
    return names;
  }

 private:
  ValueId slice(ValueId x, size_t axis, int64_t start, int64_t size, int64_t step) {
    const Shape shape = graph_.shape(x);
    Slice op{Ints(shape.size(), 0), shape, Ints(shape.size(), 1)};
    op.starts[axis] = start;
    op.sizes[axis] = size;
    op.steps[axis] = step;
    return graph_.node(op, {x});
  }
  /// Moves rows and columns by one, the last to the front where `shift` is 1.
  ValueId roll(ValueId x, int64_t shift) {
    for (size_t axis : {1U, 2U}) {
      const int64_t side = graph_.shape(x)[axis];
      const int64_t cut = shift > 0 ? side - 1 : 1;
      const ValueId tail = slice(x, axis, cut, side - cut, 1);
      const ValueId head = slice(x, axis, 0, cut, 1);
      x = graph_.node(Concat{static_cast<int64_t>(axis)}, {tail, head});
    }
    return x;
  }
  ValueId linear(ValueId x, int64_t out) {
    const int64_t in = graph_.shape(x).back();
    const ValueId product = graph_.node(MatMul{}, {x, graph_.weight({in, out})});
    return graph_.add(graph_.weight({out}), product);
  }
  ValueId select(ValueId x, double index) {
    return graph_.node(Gather{0}, {x, graph_.constant(Tensor::scalar(DType::kI64, index))});
  }

  ValueId attention(const std::string& name, ValueId x, bool masked) {
    const Shape shape = graph_.shape(x);
    const int64_t width = shape[2] / 2;
    graph_.enter(name + ".qkv");
    const ValueId qkv = linear(x, 3 * shape[2]);
    const ValueId split = graph_.reshape(qkv, {shape[0], 4, 3, 2, width});
    const ValueId stacked = graph_.transpose(split, {2, 0, 3, 1, 4});
    const ValueId q = select(stacked, 0), k = select(stacked, 1), v = select(stacked, 2);
    graph_.enter(name + ".softmax");
    const ValueId product = graph_.node(MatMul{}, {q, graph_.transpose(k, {0, 1, 3, 2})});
    const double scale = 1 / std::sqrt(static_cast<double>(width));
    ValueId scores =
        graph_.add(graph_.mul(product, graph_.scalar(scale)), graph_.weight({1, 2, 4, 4}));
    if (masked) {
      const ValueId grouped = graph_.reshape(scores, {shape[0] / 4, 4, 2, 4, 4});
      scores =
          graph_.reshape(graph_.add(grouped, graph_.weight({1, 4, 1, 4, 4})), {shape[0], 2, 4, 4});
    }
    const ValueId mixed = graph_.node(MatMul{}, {graph_.node(Softmax{3, false}, {scores}), v});
    graph_.enter(name + ".proj");
    return linear(graph_.reshape(graph_.transpose(mixed, {0, 2, 1, 3}), shape), shape[2]);
  }

  ValueId block(const std::string& name, ValueId x, int64_t side, bool shifted) {
    const Shape shape = graph_.shape(x);
    const int64_t half = side / 2;
    graph_.enter(name);
    ValueId y = graph_.reshape(graph_.layer_norm(x), {batch_, side, side, shape[2]});
    if (shifted) y = roll(y, -1);
    y = graph_.transpose(graph_.reshape(y, {batch_, half, 2, half, 2, shape[2]}),
                         {0, 1, 3, 2, 4, 5});
    y = attention(name, graph_.reshape(y, {batch_ * half * half, 4, shape[2]}), shifted);
    graph_.enter(name);
    y = graph_.transpose(graph_.reshape(y, {batch_, half, half, 2, 2, shape[2]}),
                         {0, 1, 3, 2, 4, 5});
    y = graph_.reshape(y, {batch_, side, side, shape[2]});
    if (shifted) y = roll(y, 1);
    x = graph_.add(x, graph_.reshape(y, shape));
    const ValueId normed = graph_.layer_norm(x);
    graph_.enter(name + ".fc1");
    y = linear(normed, 2 * shape[2]);
    graph_.enter(name + ".act");
    y = graph_.node(Gelu{}, {y});
    graph_.enter(name + ".fc2");
    return graph_.add(x, linear(y, shape[2]));
  }

  ValueId merge(ValueId x, int64_t side) {
    const int64_t width = graph_.shape(x).back(), half = side / 2;
    x = graph_.reshape(x, {batch_, side, side, width});
    const ValueId even = slice(x, 1, 0, half, 2), odd = slice(x, 1, 1, half, 2);
    const ValueId joined =
        graph_.node(Concat{3}, {slice(even, 2, 0, half, 2), slice(odd, 2, 0, half, 2),
                                slice(even, 2, 1, half, 2), slice(odd, 2, 1, half, 2)});
    const ValueId tokens = graph_.reshape(joined, {batch_, half * half, 4 * width});
    return graph_.node(MatMul{},
                       {graph_.layer_norm(tokens), graph_.weight({4 * width, 2 * width})});
  }

  int64_t batch_;
  int64_t width_;
  TestGraph graph_;
};

}  // namespace nitro::passes
