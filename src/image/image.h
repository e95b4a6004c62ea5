#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "ir/tensor.h"

namespace nitro::image {

/// Decoded pixels, interleaved rows, 1 or 3 channels (grey or RGB) of `max_value` 255 or 65535.
struct Image {
  int64_t width = 0;
  int64_t height = 0;
  int64_t channels = 0;
  int max_value = 255;
  std::vector<uint16_t> pixels;
};

/// Reads a PNG or JPEG by its content; alpha is dropped, palettes are resolved. Fails with kBadFile
/// on anything else or damaged, kLimitExceeded above 64 million pixels.
Result<Image> read_image(const std::filesystem::path& path);

/// What becomes of the values 0..255.
enum class Pixels : uint8_t { kNormalized, kRaw, kUnit };

/// EdgeVL's preparation as f32[1,channels,height,width]: 16-bit values stretched from their least
/// and greatest to 0..255, bicubic resize as OpenCV's INTER_CUBIC to within 1 (aspect ratio
/// ignored), one channel replicated to three. kRaw stops there; kUnit divides by 255; kNormalized
/// then applies the mean and deviation of ImageNet. `channels` is 1 (grey images only) or 3; other
/// counts and a colour image for 1 are kUsage.
Result<Tensor> prepare_image(const Image& image, const Shape& shape, Pixels pixels);

/// A picture of `image`, which has pixels, for people: a PNG of 8 bits of at most `side` by `side`
/// pixels, each the mean of a block; 16-bit values stretched as above. Fails with kOutOfMemory.
Result<std::vector<uint8_t>> thumbnail_png(const Image& image, int64_t side);

}  // namespace nitro::image
