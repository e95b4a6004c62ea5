#include <gtest/gtest.h>

#include "onnx/import_case.h"

namespace nitro::onnx {
namespace {

using Values = std::vector<double>;

TEST(ImportIndexing, AxesAreNormalised) {
  ImportCase gather("Gather", 13);
  gather.input({2, 3}).input({4}, DType::kI64).attributes().integer("axis", -1);
  EXPECT_EQ(gather.lowered<Gather>().axis, 1);
  ImportCase wrong("Gather", 13);
  wrong.input({2, 3}).input({4}, DType::kI64).attributes().integer("axis", 2);
  EXPECT_EQ(wrong.error(), ErrorCode::kShapeMismatch);
  ImportCase one_hot("OneHot", 11);
  one_hot.input({2}, DType::kI64).constant({5}).input({2});
  EXPECT_EQ(one_hot.lowered<OneHot>(), (OneHot{1, 5}));
}

TEST(ImportIndexing, TopKTakesItsCountAsAttributeOrOperand) {
  ImportCase old("TopK", 1);
  old.input({2, 3}).outputs(2).attributes().integer("k", 2);
  EXPECT_EQ(old.lowered<TopK>(), (TopK{1, 2, true}));
  ImportCase newer("TopK", 11);
  newer.input({2, 3}).constant({2}).outputs(2).attributes().integer("largest", 0);
  EXPECT_EQ(newer.lowered<TopK>(), (TopK{1, 2, false}));
  ImportCase above("TopK", 11);
  above.input({2, 3}).constant({4});
  EXPECT_EQ(above.error(), ErrorCode::kShapeMismatch);
}

TEST(ImportIndexing, ScatterKnowsItsReductions) {
  ImportCase scatter("ScatterND", 18);
  scatter.input({4}).input({2, 1}, DType::kI64).input({2}).attributes().string("reduction", "max");
  EXPECT_EQ(scatter.lowered<ScatterND>().reduction, ScatterReduction::kMax);
  ImportCase unknown("ScatterND", 18);
  unknown.input({4}).input({2, 1}, DType::kI64).input({2}).attributes().string("reduction", "avg");
  EXPECT_EQ(unknown.error(), ErrorCode::kBadModel);
}

TEST(ImportIndexing, CompressBecomesAGather) {
  ImportCase compress("Compress", 11);
  compress.constant({10, 20, 30}).constant(Tensor::of<int64_t>(DType::kBool, {3}, {0, 1, 1}));
  EXPECT_EQ(compress.folded(), (Values{20, 30}));
  ImportCase computed("Compress", 11);
  computed.input({3}).input({3}, DType::kBool);
  EXPECT_EQ(computed.error(), ErrorCode::kUnknownShape);
}

TEST(ImportIndexing, NonZeroOfAConstant) {
  ImportCase non_zero("NonZero", 13);
  non_zero.constant(Tensor::of<double>(DType::kF32, {2, 2}, {1, 0, 1, 1}));
  EXPECT_EQ(non_zero.folded(), (Values{0, 1, 1, 0, 0, 1}));
}

TEST(ImportIndexing, UniqueOfAConstant) {
  ImportCase unique("Unique", 11);
  unique.constant({2, 1, 1, 3, 4, 3}).outputs(4).attributes().integer("sorted", 0);
  const auto values = unique.run().value();
  const auto of = [&](size_t i) { return unique.graph().constant(values[i])->as<double>(); };
  EXPECT_EQ(of(0), (Values{2, 1, 3, 4}));
  EXPECT_EQ(of(1), (Values{0, 1, 3, 4}));
  EXPECT_EQ(of(2), (Values{0, 1, 1, 2, 3, 2}));
  EXPECT_EQ(of(3), (Values{1, 2, 2, 1}));
}

TEST(ImportIndexing, FoldedIndicesOutOfRangeAreABadModel) {
  ImportCase gather("Gather", 13);
  gather.constant({10, 20}).constant({2});
  EXPECT_EQ(gather.error(), ErrorCode::kBadModel);
}

}  // namespace
}  // namespace nitro::onnx
