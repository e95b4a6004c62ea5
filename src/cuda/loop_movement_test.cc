#include "cuda/loop_cases.h"

namespace nitro::cuda {
namespace {

TEST(LoopMovement, ShapesAndSlices) {
  Random random(1);
  LoopCases cases;
  const Tensor x = some(random, {3, 5, 7});
  cases.add("Reshape", Reshape{{7, 15}}, {x});
  cases.add("Transpose", Transpose{{2, 0, 1}}, {x});
  cases.add("Transpose bool", Transpose{{1, 0}}, {some(random, {4, 9}, DType::kBool)});
  cases.add("Expand", Expand{{4, 3, 5, 7}}, {some(random, {3, 1, 7})});
  cases.add("Expand scalar", Expand{{4, 3}}, {some(random, {})});
  cases.add("Slice", Slice{{1, 0, 2}, {2, 3, 2}, {1, 2, 3}}, {x});
  cases.add("Slice back", Slice{{2, 4, 6}, {3, 2, 7}, {-1, -3, -1}}, {x});
  cases.add("Slice one", Slice{{2, 4, 6}, {1, 1, 1}, {1, 1, 1}}, {x});
  cases.add("Concat", Concat{1},
            {some(random, {2, 1, 3}), some(random, {2, 4, 3}), some(random, {2, 2, 3})});
  cases.add("Concat empty", Concat{0},
            {some(random, {0, 3}), some(random, {2, 3}), some(random, {1, 3})});
  cases.add("Concat i64", Concat{0},
            {some(random, {2}, DType::kI64), some(random, {1}, DType::kI64)});
  cases.add("Split", Split{1, {1, 4}}, {x});
  cases.add("Split evenly", Split{2, {3, 3, 1}}, {x});
  cases.add("Tile", Tile{{2, 1, 3}}, {x});
  cases.add("Tile of one", Tile{{2, 3}}, {some(random, {1, 4})});
  cases.add("DepthToSpace", DepthToSpace{2, false}, {some(random, {2, 12, 3, 5})});
  cases.add("DepthToSpace columns", DepthToSpace{3, true}, {some(random, {2, 9, 3, 5})});
  cases.add("SpaceToDepth", SpaceToDepth{2}, {some(random, {2, 3, 4, 6})});
  for (bool upper : {false, true}) {
    for (int64_t k : {-2, 0, 1, 9}) cases.add("Trilu", Trilu{upper, k}, {some(random, {2, 4, 5})});
  }
  cases.expect_all(0);
}

TEST(LoopMovement, Pad) {
  Random random(2);
  LoopCases cases;
  const Tensor x = some(random, {3, 4, 5});
  for (PadMode mode : {PadMode::kConstant, PadMode::kReflect, PadMode::kEdge, PadMode::kWrap}) {
    cases.add("Pad", Pad{{1, 0, 2}, {2, 3, 0}, mode, 1.5}, {x});
    cases.add("Pad and crop", Pad{{-1, 2, -2}, {1, -1, 3}, mode, 1.5}, {x});
    cases.add("Pad none", Pad{{0, 0, 0}, {0, 0, 0}, mode, 1.5}, {x});
    cases.add("Pad one", Pad{{2, 1}, {1, 1}, mode, -1}, {some(random, {1, 3})});
    cases.add("Pad i32", Pad{{2}, {1}, mode, -7}, {some(random, {4}, DType::kI32)});
  }
  cases.expect_all(0);
}

TEST(LoopMovement, Indexing) {
  Random random(3);
  LoopCases cases;
  const Tensor x = some(random, {4, 5, 6});
  cases.add("Gather", Gather{1}, {x, integers_within(random, {2, 3}, -5, 5)});
  cases.add("Gather i32", Gather{0}, {x, integers_within(random, {7}, -4, 4, DType::kI32)});
  cases.add("Gather scalar", Gather{2}, {x, Tensor::scalar(DType::kI64, -1)});
  cases.add("GatherElements", GatherElements{1}, {x, integers_within(random, {3, 8, 6}, -5, 5)});
  cases.add("GatherND", GatherND{0}, {x, integers_within(random, {3, 2}, -4, 4)});
  cases.add("GatherND whole", GatherND{0}, {x, integers_within(random, {2, 3, 3}, -4, 4)});
  cases.add("GatherND batch", GatherND{1}, {x, integers_within(random, {4, 2, 1}, -5, 5)});
  cases.add("OneHot", OneHot{1, 4}, {integers_within(random, {3, 2}, -4, 4), some(random, {2})});
  cases.add("OneHot last", OneHot{2, 3},
            {integers_within(random, {3, 2}, 0, 4), some(random, {2}, DType::kI32)});
  for (int64_t time : {0, 1}) {
    cases.add("ReverseSequence", ReverseSequence{1 - time, time},
              {x, integers_within(random, {time == 0 ? 5 : 4}, 0, 5)});
  }
  for (bool exclusive : {false, true}) {
    for (bool reverse : {false, true}) {
      cases.add("CumSum", CumSum{1, exclusive, reverse}, {x});
      cases.add("CumSum i32", CumSum{0, exclusive, reverse}, {some(random, {9}, DType::kI32)});
    }
  }
  cases.expect_all(1e-6);
}

TEST(LoopMovement, Scatter) {
  Random random(4);
  LoopCases cases;
  const Tensor x = some(random, {4, 5});
  for (ScatterReduction how :
       {ScatterReduction::kNone, ScatterReduction::kAdd, ScatterReduction::kMul,
        ScatterReduction::kMin, ScatterReduction::kMax}) {
    cases.add("ScatterElements", ScatterElements{0, how},
              {x, integers_within(random, {6, 3}, -4, 4), some(random, {6, 3})});
    cases.add("ScatterElements last", ScatterElements{1, how},
              {x, integers_within(random, {4, 7}, -5, 5, DType::kI32), some(random, {4, 7})});
    cases.add("ScatterND", ScatterND{how},
              {x, integers_within(random, {6, 1}, -4, 4), some(random, {6, 5})});
    cases.add("ScatterND whole", ScatterND{how},
              {some(random, {4, 4}, DType::kI32), integers_within(random, {3, 3, 2}, -4, 4),
               some(random, {3, 3}, DType::kI32)});
  }
  cases.expect_all();
}

TEST(LoopMovement, Order) {
  Random random(5);
  LoopCases cases;
  const Tensor x = some(random, {3, 9, 2});
  const Tensor equal = integers_within(random, {3, 9, 2}, 0, 3, DType::kI32);
  const Tensor broken = Tensor::of<double>(DType::kF32, {6}, {1, NAN, -INFINITY, INFINITY, NAN, 2});
  for (bool largest : {false, true}) {
    for (bool last : {false, true}) {
      cases.add("ArgReduce", ArgReduce{largest, 1, true, last}, {x});
      cases.add("ArgReduce equal", ArgReduce{largest, 1, false, last}, {equal});
    }
    cases.add("TopK", TopK{1, 4, largest}, {x});
    cases.add("TopK equal", TopK{1, 9, largest}, {equal});
    cases.add("TopK NaN", TopK{0, 6, largest}, {broken});
  }
  cases.expect_all(0);
}

}  // namespace
}  // namespace nitro::cuda
