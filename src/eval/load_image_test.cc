#include "eval/load_image.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "runner/npy.h"

namespace nitro::eval {
namespace {

class LoadImage : public testing::Test {
 protected:
  Result<Tensor> load(const Tensor& array, const Port& port) {
    const auto file = scratch_.path() / "x.npy";
    EXPECT_TRUE(runner::write_npy(file, array));
    return load_image(file, port);
  }
  const Port port_{0, "image", {DType::kF32, {4, 3, 2, 2}}, image::Pixels::kRaw, "y"};

 private:
  ScratchFolder scratch_ = ScratchFolder::create("nitro-load-image-test").value();
};

TEST_F(LoadImage, TakesTensorsOfTheInputAsTheyAre) {
  const Tensor one = Tensor::of(DType::kF32, {3, 2, 2}, std::vector<float>(12, -0.5F));
  EXPECT_EQ(load(one, port_).value(), one.reshaped({1, 3, 2, 2}));
  EXPECT_EQ(load(one.reshaped({1, 3, 2, 2}), port_).value(), one.reshaped({1, 3, 2, 2}));
}

TEST_F(LoadImage, PreparesPixels) {
  const Tensor grey = Tensor::of(DType::kU8, {2, 2}, std::vector<int64_t>{1, 2, 3, 4});
  const std::vector<double> values = load(grey, port_)->as<double>();
  EXPECT_EQ(values, (std::vector<double>{1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4}));
  const Tensor colour = Tensor::of(DType::kU8, {1, 1, 3}, std::vector<int64_t>{7, 8, 9});
  EXPECT_EQ(load(colour, port_)->as<double>()[4], 8);
}

TEST_F(LoadImage, PixelsAreThoseOfU8Arrays) {
  const ScratchFolder scratch = ScratchFolder::create("nitro-load-pixels-test").value();
  const auto file = scratch.path() / "x.npy";
  const auto pixels = [&](const Tensor& array) {
    EXPECT_TRUE(runner::write_npy(file, array));
    return load_pixels(file).value();
  };
  const auto colour = pixels(Tensor::of(DType::kU8, {1, 1, 3}, std::vector<int64_t>{7, 8, 9}));
  ASSERT_TRUE(colour);
  EXPECT_EQ(colour->pixels, (std::vector<uint16_t>{7, 8, 9}));
  EXPECT_FALSE(pixels(Tensor({DType::kF32, {3, 2, 2}})));
  EXPECT_FALSE(pixels(Tensor({DType::kU8, {2, 0}})));
  EXPECT_FALSE(load_pixels(scratch.path() / "none.png"));
}

TEST_F(LoadImage, RefusesOthers) {
  for (const Shape& shape : {Shape{4, 3, 2, 2}, Shape{3, 2, 3}, Shape{}, Shape{0, 3, 2, 2}}) {
    const auto tensor = load(Tensor({DType::kF32, shape}), port_);
    ASSERT_FALSE(tensor) << text(shape);
    EXPECT_EQ(tensor.error().code, ErrorCode::kShapeMismatch);
  }
  EXPECT_FALSE(load(Tensor({DType::kU8, {2, 0}}), port_));
  const Port tokens{0, "ids", {DType::kI64, {1, 8}}};
  EXPECT_FALSE(load(Tensor({DType::kU8, {2, 2}}), tokens));
}

}  // namespace
}  // namespace nitro::eval
