#include "cuda/loop_cases.h"

namespace nitro::cuda {
namespace {

TEST(LoopLinear, Products) {
  Random random(1);
  LoopCases cases;
  for (bool transpose_a : {false, true}) {
    for (bool transpose_b : {false, true}) {
      const Shape a = transpose_a ? Shape{2, 1, 40, 3} : Shape{2, 1, 3, 40};
      const Shape b = transpose_b ? Shape{5, 7, 40} : Shape{5, 40, 7};
      cases.add("MatMul", MatMul{transpose_a, transpose_b, 0.5},
                {some(random, a), some(random, b)});
      const Shape rows = transpose_a ? Shape{9, 4} : Shape{4, 9};
      const Shape columns = transpose_b ? Shape{3, 9} : Shape{9, 3};
      for (const Shape& c : {Shape{3}, Shape{4, 1}, Shape{4, 3}, Shape{}}) {
        cases.add("Gemm", nitro::Gemm{transpose_a, transpose_b, 0.5, 2},
                  {some(random, rows), some(random, columns), some(random, c)});
      }
      cases.add("Gemm alone", nitro::Gemm{transpose_a, transpose_b, 1, 1},
                {some(random, rows), some(random, columns)});
    }
  }
  cases.add("MatMul i32", MatMul{},
            {some(random, {3, 4}, DType::kI32), some(random, {4, 2}, DType::kI32)});
  cases.add("MatMulInteger", MatMulInteger{},
            {some(random, {3, 4}, DType::kU8), some(random, {4, 2}, DType::kI8),
             some(random, {3}, DType::kU8), some(random, {2}, DType::kI8)});
  cases.add("MatMulInteger one zero", MatMulInteger{},
            {some(random, {2, 3, 4}, DType::kU8),
             some(random, {4, 2}, DType::kU8),
             some(random, {}, DType::kU8),
             {}});
  for (const char* equation :
       {"ij,jk->ik", "bij,bjk->bik", "ii->i", "ij->", "i,j->ij", "ijk,jil->kl"}) {
    const std::string text = equation;
    std::vector<std::optional<Tensor>> operands = {
        some(random, Shape(text.find_first_of(",-"), 3))};
    if (text.contains(',')) {
      operands.push_back(some(random, Shape(text.find("->") - text.find(',') - 1, 3)));
    }
    cases.add("Einsum " + text, Einsum{text}, operands);
  }
  cases.expect_all(1e-4);
}

TEST(LoopLinear, Convolutions) {
  Random random(2);
  LoopCases cases;
  const Tensor x = some(random, {2, 4, 7, 6});
  for (int64_t group : {1, 2, 4}) {
    const Tensor w = some(random, {8, 4 / group, 3, 2});
    cases.add("Conv", Conv{{1, 1}, {1, 1}, {0, 0}, {0, 0}, group}, {x, w, some(random, {8})});
    cases.add("Conv strided", Conv{{2, 3}, {1, 2}, {1, 2}, {2, 1}, group}, {x, w});
    const Tensor back = some(random, {4, 6 / group == 6 ? 6 : group == 2 ? 3 : 2, 3, 2});
    cases.add("ConvTranspose", ConvTranspose{{1, 1}, {1, 1}, {0, 0}, {0, 0}, {0, 0}, group},
              {x, back});
    cases.add("ConvTranspose strided", ConvTranspose{{2, 3}, {2, 1}, {1, 1}, {2, 0}, {1, 0}, group},
              {x, back, some(random, {back.shape()[1] * group})});
  }
  cases.add("Conv1d", Conv{{2}, {1}, {1}, {1}, 1},
            {some(random, {1, 3, 9}), some(random, {2, 3, 3})});
  cases.add("Conv3d", Conv{{1, 1, 1}, {1, 1, 1}, {1, 0, 1}, {1, 0, 1}, 1},
            {some(random, {1, 2, 3, 4, 5}), some(random, {3, 2, 2, 2, 2})});
  cases.add("ConvInteger", ConvInteger{{1, 1}, {1, 1}, {1, 1}, {1, 1}, 2},
            {some(random, {1, 4, 4, 4}, DType::kU8), some(random, {6, 2, 3, 3}, DType::kI8),
             some(random, {}, DType::kU8), some(random, {6}, DType::kI8)});
  cases.expect_all(1e-4);
}

TEST(LoopLinear, Attention) {
  Random random(3);
  LoopCases cases;
  const Tensor q = some(random, {2, 4, 5, 6}, DType::kF32, 0.7);
  const Tensor k = some(random, {2, 2, 7, 6}, DType::kF32, 0.7);
  const Tensor v = some(random, {2, 2, 7, 3});
  cases.add("Attention", nitro::Attention{4, 2, 0.4, false, 0}, {q, k, v});
  cases.add("Attention causal", nitro::Attention{4, 2, 0.4, true, 2},
            {q, k, v, some(random, {4, 1, 7})});
  cases.add("Attention masked", nitro::Attention{4, 2, 0.4, false, 0},
            {q, k, v, some(random, {2, 1, 5, 7}, DType::kBool)});
  cases.add("Attention all masked", nitro::Attention{4, 2, 0.4, false, 0},
            {q, k, v, Tensor({DType::kBool, {5, 7}})});
  cases.add("Attention by token", nitro::Attention{3, 3, 0.4, false, 0},
            {some(random, {2, 5, 96}, DType::kF32, 0.5), some(random, {2, 4, 96}),
             some(random, {2, 4, 96})});
  cases.add("ProjectedAttention", ProjectedAttention{2, 0.5},
            {some(random, {2, 4, 5}, DType::kF32, 0.5), some(random, {5, 18}, DType::kF32, 0.5),
             some(random, {18}), some(random, {1, 2, 4, 4})});
  cases.expect_all(1e-4);
}

TEST(LoopLinear, Pool) {
  Random random(4);
  LoopCases cases;
  const Tensor x = some(random, {2, 3, 7, 8});
  for (PoolKind kind : {PoolKind::kMax, PoolKind::kAverage, PoolKind::kLp}) {
    for (bool flag : {false, true}) {
      cases.add("Pool", Pool{kind, {3, 2}, {2, 1}, {1, 2}, {1, 1}, {1, 0}, {4, 7}, flag, 2, flag},
                {x});
      cases.add("Pool ceil",
                Pool{kind, {2, 3}, {2, 3}, {1, 1}, {0, 0}, {0, 0}, {4, 3}, flag, 3, flag}, {x});
    }
  }
  cases.add("MaxPool i8", Pool{PoolKind::kMax, {2}, {1}, {1}, {1}, {0}, {5}, false, 2, false},
            {some(random, {1, 2, 5}, DType::kI8)});
  cases.expect_all();
}

TEST(LoopLinear, GridSample) {
  Random random(5);
  LoopCases cases;
  for (Interpolation mode :
       {Interpolation::kNearest, Interpolation::kLinear, Interpolation::kCubic}) {
    for (GridPadding padding :
         {GridPadding::kZeros, GridPadding::kBorder, GridPadding::kReflection}) {
      for (bool corners : {false, true}) {
        cases.add("GridSample", GridSample{mode, padding, corners},
                  {some(random, {2, 3, 5, 4}), some(random, {2, 3, 6, 2}, DType::kF32, 0.8)});
      }
    }
  }
  cases.add("GridSample 3d", GridSample{Interpolation::kLinear, GridPadding::kZeros, false},
            {some(random, {1, 2, 3, 4, 5}), some(random, {1, 2, 2, 2, 3}, DType::kF32, 0.6)});
  cases.expect_all(1e-4);
}

TEST(LoopLinear, Resize) {
  Random random(6);
  LoopCases cases;
  for (size_t m = 0; m < kInterpolationNames.size(); ++m) {
    for (size_t c = 0; c < kResizeCoordinatesNames.size(); ++c) {
      Resize op;
      op.mode = static_cast<Interpolation>(m);
      op.coordinates = static_cast<ResizeCoordinates>(c);
      if (op.coordinates == ResizeCoordinates::kCropAndResize) {
        op.region = {0, 0, 0.1, -0.2, 1, 1, 0.8, 1.3};
        op.extrapolation = 7;
      }
      for (const auto& [height, width] : {std::pair{10, 9}, std::pair{3, 14}}) {
        op.sizes = {1, 2, height, width};
        op.scales = {1, 1, height / 5.0, width / 6.0};
        op.exclude_outside = height == 3 && m == 2;
        op.antialias = height == 3 && m > 0;
        cases.add("Resize", op, {some(random, {1, 2, 5, 6})});
      }
    }
  }
  cases.expect_all();
}

}  // namespace
}  // namespace nitro::cuda
