#include "predict/benchmarks.h"

#include "predict/benchmark_builder.h"
#include "zoo/zoo.h"

namespace nitro::predict {
namespace {

using Builder = BenchmarkBuilder;

/// `count` times the same, each on what the one before made.
template <class Layer>
Result<Graph> chain(Shape input, int count, const Layer& layer) {
  Builder builder;
  ValueId x = builder.input(std::move(input));
  for (int i = 0; i < count; ++i) x = TRY(layer(builder, x));
  return builder.finish({x});
}

/// `count` times the same, each on an input of its own: what would be one kernel in a row.
template <class Layer>
Result<Graph> branches(Shape input, int count, const Layer& layer) {
  Builder builder;
  std::vector<ValueId> outputs;
  for (int i = 0; i < count; ++i) outputs.push_back(TRY(layer(builder, builder.input(input))));
  return builder.finish(std::move(outputs));
}

/// Linear layers from `narrow` to `wide` channels and back.
Benchmark products(int64_t rows, int64_t narrow, int64_t wide, int pairs, bool single = false) {
  const bool few = rows <= 16;
  return {fmt::format("{} {}x{}x{}", few ? "vector" : "pointwise", rows, narrow, wide),
          few ? "vector" : "pointwise", single, [=] {
            return chain({1, rows, narrow}, pairs, [=](Builder& builder, ValueId x) {
              const Result<ValueId> inner = builder.linear(x, wide);
              return inner ? builder.linear(*inner, narrow) : inner;
            });
          }};
}

Benchmark convolutions(int64_t channels, int64_t size, int64_t kernel, int count,
                       bool single = false) {
  return {fmt::format("convolution {0}x{0} {1}x{2}x{2}", kernel, channels, size),
          kernel == 1 ? "pointwise" : "convolution", single, [=] {
            return chain({1, channels, size, size}, count, [=](Builder& builder, ValueId x) {
              return builder.convolution(x, channels, kernel);
            });
          }};
}

/// Half the size and twice the channels, again and again.
Benchmark strided_convolutions() {
  return {"convolution 3x3 stride 2, 64x56x56 to 512x7x7", "convolution", false, [] {
            return chain({1, 64, 56, 56}, 3, [](Builder& builder, ValueId x) {
              return builder.convolution(x, 2 * builder.shape(x)[1], 3, 2);
            });
          }};
}

Benchmark stem() {
  return {"convolution 7x7 stride 2, 3x224x224 to 64x112x112", "convolution", false, [] {
            return chain({1, 3, 224, 224}, 1, [](Builder& builder, ValueId x) {
              return builder.convolution(x, 64, 7, 2);
            });
          }};
}

Benchmark depthwise(int64_t channels, int64_t size, int64_t kernel, int count,
                    bool single = false) {
  return {fmt::format("depthwise {0}x{0} {1}x{2}x{2}", kernel, channels, size), "depthwise", single,
          [=] {
            return chain({1, channels, size, size}, count, [=](Builder& builder, ValueId x) {
              return builder.convolution(x, channels, kernel, 1, channels);
            });
          }};
}

/// Between linear layers, as in networks: kernels take its operands as the one leaves them and
/// leave its results as the next takes them.
Benchmark attentions(int64_t batch, int64_t heads, int64_t tokens, int64_t width, int count,
                     bool single = false) {
  return {fmt::format("attention {}x{} of {}x{}", batch, heads, tokens, width), "product", single,
          [=] {
            return chain({batch, tokens, heads * width}, count, [=](Builder& builder, ValueId x) {
              const Result<ValueId> made = builder.attention(x, heads);
              return made ? builder.linear(*made, heads * width) : made;
            });
          }};
}

Benchmark pools(PoolKind kind, int64_t channels, int64_t size) {
  return {fmt::format("pool {}x{}x{} {}", channels, size, size,
                      kind == PoolKind::kMax ? "largest" : "mean"),
          "pool", false, [=] {
            return chain({1, channels, size, size}, 4, [=](Builder& builder, ValueId x) {
              return builder.node(Pool{.kind = kind,
                                       .kernel = {3, 3},
                                       .strides = {1, 1},
                                       .dilations = {1, 1},
                                       .pads_before = {1, 1},
                                       .pads_after = {1, 1},
                                       .out = {size, size}},
                                  {x});
            });
          }};
}

Benchmark layer_norms(int64_t rows, int64_t width) {
  return {fmt::format("layer norm {}x{}", rows, width), "reduce", false, [=] {
            return branches({1, rows, width}, 4,
                            [](Builder& builder, ValueId x) { return builder.layer_norm(x); });
          }};
}

Benchmark softmaxes(int64_t rows, int64_t width) {
  return {fmt::format("softmax {}x{}", rows, width), "reduce", false, [=] {
            return branches({1, rows, width}, 4, [](Builder& builder, ValueId x) {
              return builder.node(Softmax{2}, {x});
            });
          }};
}

Benchmark means(int64_t channels, int64_t size) {
  return {fmt::format("mean of {}x{}x{}", channels, size, size), "reduce", false, [=] {
            return branches({1, channels, size, size}, 4, [](Builder& builder, ValueId x) {
              return builder.node(Reduce{ReduceKind::kMean, {2, 3}, true}, {x});
            });
          }};
}

Benchmark sums(int64_t rows, int64_t width, bool single = false) {
  return {fmt::format("sum {}x{}", rows, width), "elementwise", single, [=] {
            return branches({1, rows, width}, 4, [=](Builder& builder, ValueId x) {
              return builder.node(Binary{BinaryKind::kAdd}, {x, builder.input({1, rows, width})});
            });
          }};
}

Benchmark gelus(int64_t rows, int64_t width) {
  return {fmt::format("gelu {}x{}", rows, width), "elementwise", false, [=] {
            return branches({1, rows, width}, 4,
                            [](Builder& builder, ValueId x) { return builder.node(Gelu{}, {x}); });
          }};
}

Benchmark transposes(int64_t size, int64_t channels) {
  return {fmt::format("transpose {}x{}x{}", size, size, channels), "movement", false, [=] {
            return branches({1, size, size, channels}, 4, [](Builder& builder, ValueId x) {
              return builder.node(Transpose{{0, 3, 1, 2}}, {x});
            });
          }};
}

/// A quarter of the rows from the top to the bottom, as shifted windows do.
Benchmark rolls(int64_t rows, int64_t width) {
  return {
      fmt::format("roll {}x{}", rows, width), "movement", false, [=] {
        return branches({1, rows, width}, 4, [=](Builder& builder, ValueId x) -> Result<ValueId> {
          const int64_t cut = rows / 4;
          const Ints ones(3, 1);
          const ValueId top = TRY(builder.node(Slice{{0, 0, 0}, {1, cut, width}, ones}, {x}));
          const ValueId rest =
              TRY(builder.node(Slice{{0, cut, 0}, {1, rows - cut, width}, ones}, {x}));
          return builder.node(Concat{1}, {rest, top});
        });
      }};
}

Benchmark tiny_products() {
  return {"64 products 32x32x32", "launch", false, [] {
            return chain({1, 32, 32}, 64,
                         [](Builder& builder, ValueId x) { return builder.linear(x, 32); });
          }};
}

/// Along the one axis and the other in turn, so that no two are one kernel.
Benchmark tiny_others() {
  return {"64 softmaxes 32x32", "launch", false, [] {
            return chain({1, 32, 32}, 32, [](Builder& builder, ValueId x) -> Result<ValueId> {
              return builder.node(Softmax{2}, {TRY(builder.node(Softmax{1}, {x}))});
            });
          }};
}

Benchmark network(const std::string& name, int64_t batch, bool single) {
  return {batch == 1 ? name : fmt::format("{}, batch {}", name, batch), name, single,
          [=] { return zoo::build(name, {.batch = batch}); }};
}

}  // namespace

std::vector<Benchmark> benchmarks() {
  return {products(3136, 96, 96, 4),
          products(3136, 96, 384, 2, true),
          products(784, 192, 768, 2),
          products(196, 384, 384, 12),
          products(196, 384, 1536, 4, true),
          products(196, 768, 768, 4),
          products(196, 768, 3072, 2, true),
          products(77, 512, 2048, 2),
          products(49, 768, 768, 4),
          products(49, 768, 3072, 2),
          convolutions(256, 28, 1, 4),
          products(1, 768, 3072, 2),
          products(1, 1024, 1024, 2),
          products(8, 512, 2048, 2),
          convolutions(64, 56, 3, 4, true),
          convolutions(128, 28, 3, 4),
          convolutions(256, 14, 3, 4),
          convolutions(512, 7, 3, 2),
          convolutions(128, 14, 5, 2),
          strided_convolutions(),
          stem(),
          depthwise(32, 112, 3, 4),
          depthwise(144, 56, 3, 4, true),
          depthwise(576, 14, 5, 4),
          depthwise(960, 7, 3, 8),
          attentions(1, 12, 197, 64, 2, true),
          attentions(64, 3, 49, 32, 2),
          attentions(4, 12, 49, 32, 4),
          attentions(1, 8, 77, 64, 2),
          attentions(1, 3, 784, 32, 2),
          pools(PoolKind::kMax, 64, 56),
          pools(PoolKind::kAverage, 512, 14),
          layer_norms(3136, 96),
          layer_norms(196, 768),
          softmaxes(2364, 197),
          means(512, 28),
          sums(3136, 384, true),
          sums(196, 768),
          gelus(3136, 384),
          gelus(196, 3072),
          transposes(56, 96),
          transposes(14, 384),
          rolls(3136, 96),
          tiny_products(),
          tiny_others()};
}

std::vector<Benchmark> benchmark_networks() {
  return {network("edgevl-vit-s", 1, true), network("edgevl-vit-s", 2, false),
          network("edgevl-swin-t", 1, true), network("edgevl-swin-t", 2, false),
          network("edgevl-dat-t", 1, false)};
}

}  // namespace nitro::predict
