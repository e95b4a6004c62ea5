#include <png.h>

#include <algorithm>

#include "image/image.h"

namespace nitro::image {
namespace {

/// Samples of 16 bits are stretched from the image's least and greatest to 0..255, as for models.
struct Stretch {
  double least = 0;
  double scale = 1;

  explicit Stretch(const Image& image) {
    if (image.max_value == 255 || image.pixels.empty()) return;
    const auto [low, high] = std::ranges::minmax(image.pixels);
    least = low;
    scale = high > low ? 255.0 / (high - low) : 0;
  }
};

/// The mean of the block of `step` by `step` pixels whose first is (x, y), cut at the edges.
double block_mean(const Image& image, int64_t x, int64_t y, int64_t channel, int64_t step) {
  const int64_t right = std::min(x + step, image.width);
  const int64_t bottom = std::min(y + step, image.height);
  double sum = 0;
  for (int64_t row = y; row < bottom; ++row) {
    for (int64_t column = x; column < right; ++column) {
      sum +=
          image
              .pixels[static_cast<size_t>((row * image.width + column) * image.channels + channel)];
    }
  }
  return sum / static_cast<double>((right - x) * (bottom - y));
}

}  // namespace

Result<std::vector<uint8_t>> thumbnail_png(const Image& image, int64_t side) {
  const int64_t step = (std::max(image.width, image.height) + side - 1) / side;
  const Stretch stretch(image);
  std::vector<uint8_t> pixels;
  for (int64_t y = 0; y < image.height; y += step) {
    for (int64_t x = 0; x < image.width; x += step) {
      for (int64_t channel = 0; channel < image.channels; ++channel) {
        const double mean = block_mean(image, x, y, channel, step);
        pixels.push_back(static_cast<uint8_t>((mean - stretch.least) * stretch.scale + 0.5));
      }
    }
  }
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>((image.width + step - 1) / step);
  png.height = static_cast<png_uint_32>((image.height + step - 1) / step);
  png.format = image.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  std::vector<uint8_t> file(PNG_IMAGE_PNG_SIZE_MAX(png));
  size_t bytes = file.size();
  if (!png_image_write_to_memory(&png, file.data(), &bytes, 0, pixels.data(), 0, nullptr))
    return fail(ErrorCode::kOutOfMemory, "libpng could not encode a picture: {}", png.message);
  file.resize(bytes);
  return file;
}

}  // namespace nitro::image
