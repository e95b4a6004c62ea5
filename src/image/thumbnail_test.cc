#include <gtest/gtest.h>

#include "base/file.h"
#include "image/image.h"

namespace nitro::image {
namespace {

/// What a reader of the thumbnail of `image` sees.
Image seen(const Image& image, int64_t side) {
  const ScratchFolder scratch = ScratchFolder::create("nitro-thumbnail-test").value();
  const auto file = scratch.path() / "t.png";
  const std::vector<uint8_t> png = thumbnail_png(image, side).value();
  EXPECT_TRUE(write_file_atomic(file, {reinterpret_cast<const char*>(png.data()), png.size()}));
  return read_image(file).value();
}

TEST(Thumbnail, AveragesBlocks) {
  const Image image{3, 2, 1, 255, {10, 20, 30, 30, 40, 50}};
  const Image small = seen(image, 2);
  EXPECT_EQ((std::vector{small.width, small.height, small.channels}),
            (std::vector<int64_t>{2, 1, 1}));
  EXPECT_EQ(small.pixels, (std::vector<uint16_t>{25, 40})) << "the last block is cut";
}

TEST(Thumbnail, KeepsSmallImagesAndColours) {
  const Image image{2, 1, 3, 255, {1, 2, 3, 250, 251, 252}};
  EXPECT_EQ(seen(image, 96).pixels, image.pixels);
}

TEST(Thumbnail, StretchesDepthToGrey) {
  EXPECT_EQ(seen({3, 1, 1, 65535, {1000, 2000, 3000}}, 96).pixels,
            (std::vector<uint16_t>{0, 128, 255}));
  EXPECT_EQ(seen({2, 1, 1, 65535, {700, 700}}, 96).pixels, (std::vector<uint16_t>{0, 0}));
}

TEST(Thumbnail, FitsTheSide) {
  for (const int64_t width : {95, 96, 97, 191, 192, 193, 640, 5000}) {
    const Image small =
        seen({width, 3, 1, 255, std::vector<uint16_t>(static_cast<size_t>(3 * width), 9)}, 96);
    EXPECT_LE(small.width, 96) << width;
    EXPECT_GE(small.width, 48) << width;
  }
}

}  // namespace
}  // namespace nitro::image
