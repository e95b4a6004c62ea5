#include "cuda/loop_cases.h"

namespace nitro::cuda {
namespace {

TEST(LoopReduction, LayerNorms) {
  Random random(1);
  LoopCases cases;
  for (int64_t width : {1, 5, 24, 33, 100}) {
    const Tensor x = some(random, {3, 4, width});
    const Tensor scale = some(random, {width});
    const Tensor bias = some(random, {width});
    if (width > 1) cases.add("LayerNorm", LayerNormalization{2, 1e-5}, {x, scale, bias});
    cases.add("LayerNorm without bias", LayerNormalization{2, 1e-2}, {x, scale});
    cases.add("LayerNorm of two axes", LayerNormalization{1, 1e-2},
              {x, some(random, {4, width}), some(random, {4, width})});
    cases.add("SkipLayerNorm", SkipLayerNormalization{1e-2},
              {x, some(random, {3, 4, width}), scale});
    cases.add("SkipLayerNorm with all", SkipLayerNormalization{1e-2},
              {x, some(random, {3, 4, width}), scale, bias, some(random, {width})});
    cases.add("RMSNorm", RMSNormalization{2, 1e-5}, {x, scale});
    cases.add("RMSNorm of two axes", RMSNormalization{1, 1e-5}, {x, some(random, {4, width})});
    for (int64_t axis : {0, 1, 2}) {
      cases.add("Softmax", Softmax{axis, false}, {x});
      cases.add("LogSoftmax", Softmax{axis, true}, {x});
      cases.add("LpNorm", LpNormalization{axis, 1}, {x});
      cases.add("LpNorm 2", LpNormalization{axis, 2}, {x});
    }
    cases.add("LayerNorm f16", LayerNormalization{1, 1e-3},
              {some(random, {5, 40}, DType::kF16), some(random, {40}, DType::kF16)});
  }
  cases.add("Softmax of much", Softmax{1, false}, {some(random, {3, 700}, DType::kF32, 30)});
  cases.add("Softmax across", Softmax{0, false}, {some(random, {50, 3})});
  cases.add("LpNorm of zeros", LpNormalization{1, 2}, {Tensor({DType::kF32, {2, 3}})});
  cases.add("Softmax of infinities", Softmax{1, false},
            {Tensor::of<double>(DType::kF32, {2, 3},
                                {-INFINITY, 0, 1, -INFINITY, -INFINITY, -INFINITY})});
  cases.expect_all(1e-4);
}

TEST(LoopReduction, ChannelNorms) {
  Random random(2);
  LoopCases cases;
  const Tensor x = some(random, {2, 6, 3, 5});
  const Tensor scale = some(random, {6});
  const Tensor bias = some(random, {6});
  const Tensor variance = Tensor::of<double>(DType::kF32, {6}, {1, 2, 3, 0.5, 0.25, 4});
  for (int64_t groups : {1, 2, 6})
    cases.add("GroupNorm", GroupNormalization{groups, 1e-5}, {x, scale, bias});
  cases.add("BatchNorm", BatchNormalization{1e-3}, {x, scale, bias, some(random, {6}), variance});
  cases.add("BatchNorm of rows", BatchNormalization{1e-3},
            {some(random, {4, 6}), scale, bias, some(random, {6}), variance});
  for (int64_t size : {1, 2, 3, 5}) cases.add("LRN", LRN{size, 1e-2, 0.75, 1.5}, {x});
  cases.expect_all();
}

TEST(LoopReduction, Reduce) {
  Random random(3);
  LoopCases cases;
  const std::vector<Ints> axes = {{0}, {1}, {2}, {0, 2}, {1, 2}, {0, 1, 2}};
  for (size_t i = 0; i < kReduceKindNames.size(); ++i) {
    const auto kind = static_cast<ReduceKind>(i);
    const std::string name(kReduceKindNames[i]);
    for (const Ints& some_axes : axes) {
      for (bool keep : {false, true}) {
        if (kind != ReduceKind::kLogSum) {
          cases.add(name, Reduce{kind, some_axes, keep},
                    {some(random, {3, 4, 37}, DType::kF32, 0.8)});
        }
      }
      cases.add(name + " i32", Reduce{kind, some_axes, false},
                {integers_within(random, {2, 3, 4}, 1, 9, DType::kI32)});
    }
    cases.add(name + " u8", Reduce{kind, {0}, false},
              {integers_within(random, {3, 4}, 1, 9, DType::kU8)});
  }
  const Tensor broken =
      Tensor::of<double>(DType::kF32, {2, 3}, {1, NAN, 2, -INFINITY, INFINITY, 3});
  for (ReduceKind kind : {ReduceKind::kMax, ReduceKind::kMin, ReduceKind::kSum}) {
    cases.add("Reduce NaN", Reduce{kind, {1}, true}, {broken});
    cases.add("Reduce nothing", Reduce{kind, {1}, true}, {Tensor({DType::kF32, {2, 0}})});
  }
  std::vector<double> row(80, 1.0);
  row[41] = NAN;
  cases.add("a long row with NaN", Reduce{ReduceKind::kMax, {0}, true},
            {Tensor::of(DType::kF32, {80}, row)});
  cases.expect_all(1e-4);
}

TEST(LoopReduction, Quantization) {
  Random random(4);
  LoopCases cases;
  const Tensor x = some(random, {3, 4, 5}, DType::kF32, 40);
  const Tensor scales = Tensor::of<double>(DType::kF32, {4}, {0.5, 0.25, 1, 3});
  for (DType dtype : {DType::kI8, DType::kU8}) {
    const Tensor zeros = integers_within(random, {4}, 0, 20, dtype);
    cases.add("Quantize", QuantizeLinear{1}, {x, scales, zeros});
    cases.add("Quantize whole", QuantizeLinear{1},
              {x, Tensor::scalar(DType::kF32, 0.5), Tensor::scalar(dtype, 3)});
    cases.add("Dequantize", DequantizeLinear{1}, {some(random, {3, 4, 5}, dtype), scales, zeros});
    cases.add("Dequantize without zero", DequantizeLinear{1},
              {some(random, {3, 4, 5}, dtype), scales, {}});
  }
  cases.add("Quantize by default", QuantizeLinear{1}, {x, scales, {}});
  cases.add("Quantize ties", QuantizeLinear{0},
            {Tensor::of<double>(DType::kF32, {6}, {0.5, 1.5, 2.5, -0.5, 1e9, 3.49}),
             Tensor::scalar(DType::kF32, 1), Tensor::scalar(DType::kI8, 0)});
  cases.add("DynamicQuantize", DynamicQuantizeLinear{}, {some(random, {7, 9})});
  cases.add("DynamicQuantize zeros", DynamicQuantizeLinear{}, {Tensor({DType::kF32, {4}})});
  cases.expect_all(1e-6);
}

}  // namespace
}  // namespace nitro::cuda
