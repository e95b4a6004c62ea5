#include "image/image.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/file.h"

namespace nitro::image {
namespace {

std::string from_hex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  return bytes;
}

/// 2x2 pixels, 8-bit grey: 0, 85, 170, 255.
const std::string kGreyPng = from_hex(
    "89504e470d0a1a0a0000000d494844520000000200000002080000000057dd52f80000000e4944415478da636008"
    "6558f51f0003ad01ff7a93847f0000000049454e44ae426082");

Image grey(int64_t width, int64_t height, std::vector<uint16_t> pixels, int max_value = 255) {
  return {width, height, 1, max_value, std::move(pixels)};
}

std::vector<float> raw(const Image& image, const Shape& shape) {
  const auto tensor = prepare_image(image, shape, Pixels::kRaw);
  EXPECT_TRUE(tensor.has_value());
  if (!tensor) return {};
  const auto data = tensor->data<float>();
  return {data.begin(), data.end()};
}

TEST(PrepareImage, SameSizeKeepsThePixels) {
  EXPECT_EQ(raw(grey(2, 2, {0, 85, 170, 255}), {1, 1, 2, 2}),
            (std::vector<float>{0, 85, 170, 255}));
}

TEST(PrepareImage, ReplicatesOneChannel) {
  const auto values = raw(grey(1, 1, {9}), {1, 3, 1, 1});
  EXPECT_EQ(values, (std::vector<float>{9, 9, 9}));
}

TEST(PrepareImage, SeparatesInterleavedColours) {
  const Image image{2, 1, 3, 255, {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(raw(image, {1, 3, 1, 2}), (std::vector<float>{1, 4, 2, 5, 3, 6}));
}

TEST(PrepareImage, StretchesSixteenBits) {
  EXPECT_EQ(raw(grey(3, 1, {1000, 1500, 2000}, 65535), {1, 1, 1, 3}),
            (std::vector<float>{0, 127, 255}));
  EXPECT_EQ(raw(grey(2, 1, {700, 700}, 65535), {1, 1, 1, 2}), (std::vector<float>{0, 0}));
}

TEST(PrepareImage, NormalizesAsImageNet) {
  const auto tensor = prepare_image(grey(1, 1, {255}), {1, 3, 1, 1}, Pixels::kNormalized);
  ASSERT_TRUE(tensor);
  const auto values = tensor->data<float>();
  EXPECT_FLOAT_EQ(values[0], static_cast<float>((1 - 0.485) / 0.229));
  EXPECT_FLOAT_EQ(values[2], static_cast<float>((1 - 0.406) / 0.225));
}

TEST(PrepareImage, DoublingIsOpenCvsBicubic) {
  // cv2.resize([[0, 100, 200, 50]], (8, 1), interpolation=cv2.INTER_CUBIC)
  EXPECT_EQ(raw(grey(4, 1, {0, 100, 200, 50}), {1, 1, 1, 8}),
            (std::vector<float>{0, 19, 67, 138, 197, 177, 88, 34}));
}

TEST(PrepareImage, RefusesInputsThatAreNoImages) {
  const Image image = grey(1, 1, {0});
  for (const Shape& shape :
       {Shape{3, 224, 224}, Shape{2, 3, 2, 2}, Shape{1, 4, 2, 2}, Shape{1, 3, 0, 2}, Shape{}}) {
    EXPECT_FALSE(prepare_image(image, shape, Pixels::kRaw));
  }
  EXPECT_FALSE(prepare_image({1, 1, 3, 255, {1, 2, 3}}, {1, 1, 1, 1}, Pixels::kRaw));
}

class ReadImage : public testing::Test {
 protected:
  Result<Image> read(std::string_view content) {
    const auto path = scratch_.path() / "image";
    std::ofstream(path, std::ios::binary) << content;
    return read_image(path);
  }
  ScratchFolder scratch_ = ScratchFolder::create("nitro-image").value();
};

TEST_F(ReadImage, ReadsGreyPng) {
  const auto image = read(kGreyPng);
  ASSERT_TRUE(image) << image.error().text();
  EXPECT_EQ(image->width, 2);
  EXPECT_EQ(image->channels, 1);
  EXPECT_EQ(image->pixels, (std::vector<uint16_t>{0, 85, 170, 255}));
}

TEST_F(ReadImage, RefusesEveryTruncation) {
  // Not the end of the last chunk, which holds nothing.
  for (size_t size = 0; size + 12 < kGreyPng.size(); ++size) {
    const auto image = read(std::string_view(kGreyPng).substr(0, size));
    EXPECT_FALSE(image) << size;
  }
}

TEST_F(ReadImage, RefusesFlippedBitsOrReadsSomething) {
  for (size_t bit = 0; bit < 8 * kGreyPng.size(); ++bit) {
    std::string damaged = kGreyPng;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto image = read(damaged);
    if (image) {
      EXPECT_EQ(image->pixels.size(), 4U) << bit;
    }
  }
}

TEST_F(ReadImage, RefusesOtherFiles) {
  for (std::string_view text : {"", "GIF89a", "\xff\xd8\xff", "\xff\xd8\xff\xe0 not a jpeg"})
    EXPECT_FALSE(read(text)) << text;
}

}  // namespace
}  // namespace nitro::image
