#include "onnx/import_einsum.h"

#include <gtest/gtest.h>

namespace nitro::onnx {
namespace {

TEST(ExplicitEquation, ImpliedResultAndSpaces) {
  EXPECT_EQ(explicit_equation("ij, jk", {2, 2}).value(), "ij,jk->ik");
  EXPECT_EQ(explicit_equation("ba", {2}).value(), "ba->ab");
  EXPECT_EQ(explicit_equation("ii", {2}).value(), "ii->");
}

TEST(ExplicitEquation, ExpandsEllipses) {
  EXPECT_EQ(explicit_equation("...ij,...jk->...ik", {4, 3}).value(), "abij,bjk->abik");
  EXPECT_EQ(explicit_equation("...ii->...i", {2}).value(), "ii->i");
  EXPECT_EQ(explicit_equation("...i", {2}).value(), "ai->ai");
}

TEST(ExplicitEquation, RejectsWhatDoesNotFit) {
  EXPECT_FALSE(explicit_equation("ij,jk", {2}));
  EXPECT_FALSE(explicit_equation("...ijk->ijk", {2}));
  EXPECT_FALSE(explicit_equation("", {2, 2}));
}

}  // namespace
}  // namespace nitro::onnx
