#include <gtest/gtest.h>

#include "ir/infer_case.h"

namespace nitro {
namespace {

TensorType data(Shape shape) { return {DType::kF32, std::move(shape)}; }
TensorType indices(Shape shape) { return {DType::kI64, std::move(shape)}; }

TEST(InferIndexing, GatherPutsTheIndicesInPlaceOfTheAxis) {
  EXPECT_EQ(infer_case(Gather{1}, {data({2, 3, 4}), indices({5, 6})}).value(),
            Types{data({2, 5, 6, 4})});
  EXPECT_EQ(infer_case(Gather{0}, {data({2}), indices({})}).value(), Types{data({})});
  EXPECT_FALSE(infer_case(Gather{3}, {data({2, 3, 4}), indices({})}));
  EXPECT_FALSE(infer_case(Gather{-1}, {data({2, 3, 4}), indices({})}));
  EXPECT_FALSE(infer_case(Gather{0}, {data({2}), data({1})}));
}

TEST(InferIndexing, GatherElementsStaysInsideTheData) {
  EXPECT_EQ(infer_case(GatherElements{0}, {data({3, 3}), indices({9, 2})}).value(),
            Types{data({9, 2})});
  EXPECT_FALSE(infer_case(GatherElements{0}, {data({3, 3}), indices({2, 4})}));
  EXPECT_FALSE(infer_case(GatherElements{0}, {data({3, 3}), indices({2})}));
}

TEST(InferIndexing, GatherNDTakesTuples) {
  EXPECT_EQ(infer_case(GatherND{0}, {data({2, 3, 4}), indices({5, 2})}).value(),
            Types{data({5, 4})});
  EXPECT_EQ(infer_case(GatherND{1}, {data({2, 3, 4}), indices({2, 1})}).value(),
            Types{data({2, 4})});
  EXPECT_FALSE(infer_case(GatherND{1}, {data({2, 3}), indices({3, 1})}));
  EXPECT_FALSE(infer_case(GatherND{0}, {data({2, 3}), indices({5, 3})}));
  EXPECT_FALSE(infer_case(GatherND{2}, {data({2, 3}), indices({2, 3})}));
  EXPECT_FALSE(infer_case(GatherND{-1}, {data({2, 3}), indices({2, 1})}));
  EXPECT_FALSE(infer_case(GatherND{0}, {data({2, 3}), indices({})}));
}

TEST(InferIndexing, ScattersMatchTheirUpdates) {
  EXPECT_TRUE(infer_case(ScatterElements{0}, {data({3, 3}), indices({2, 3}), data({2, 3})}));
  EXPECT_FALSE(infer_case(ScatterElements{0}, {data({3, 3}), indices({2, 3}), data({2, 2})}));
  EXPECT_TRUE(infer_case(ScatterND{}, {data({4, 5}), indices({2, 1}), data({2, 5})}));
  EXPECT_FALSE(infer_case(ScatterND{}, {data({4, 5}), indices({2, 1}), data({2, 4})}));
  EXPECT_FALSE(infer_case(ScatterND{}, {data({4, 5}), indices({2, 3}), data({2})}));
}

TEST(InferIndexing, OneHotAddsAnAxis) {
  EXPECT_EQ(infer_case(OneHot{1, 7}, {indices({2, 3}), data({2})}).value(), Types{data({2, 7, 3})});
  EXPECT_FALSE(infer_case(OneHot{3, 7}, {indices({2, 3}), data({2})}));
  EXPECT_FALSE(infer_case(OneHot{0, -1}, {indices({2, 3}), data({2})}));
  EXPECT_FALSE(infer_case(OneHot{0, 7}, {indices({2, 3}), data({3})}));
}

TEST(InferIndexing, TopKTakesNoMoreThanThereIs) {
  EXPECT_EQ(infer_case(TopK{1, 2}, {data({3, 4})}).value(), (Types{data({3, 2}), indices({3, 2})}));
  EXPECT_FALSE(infer_case(TopK{1, 5}, {data({3, 4})}));
  EXPECT_FALSE(infer_case(TopK{1, -1}, {data({3, 4})}));
}

TEST(InferIndexing, ArgReduceNeedsAnElement) {
  EXPECT_EQ(infer_case(ArgReduce{true, 1, true}, {data({3, 4})}).value(), Types{indices({3, 1})});
  EXPECT_EQ(infer_case(ArgReduce{true, 1, false}, {data({3, 4})}).value(), Types{indices({3})});
  EXPECT_FALSE(infer_case(ArgReduce{true, 1}, {data({3, 0})}));
}

TEST(InferIndexing, ReverseSequenceTakesALengthPerBatch) {
  EXPECT_TRUE(infer_case(ReverseSequence{1, 0}, {data({4, 2}), indices({2})}));
  EXPECT_FALSE(infer_case(ReverseSequence{1, 0}, {data({4, 2}), indices({4})}));
  EXPECT_FALSE(infer_case(ReverseSequence{1, 1}, {data({4, 2}), indices({2})}));
}

}  // namespace
}  // namespace nitro
