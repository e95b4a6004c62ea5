#include "synth/encode_png.h"

#include <png.h>

#include <csetjmp>

namespace nitro::synth {
namespace {

/// What survives the longjmp of the encoder owns all memory.
struct Encoding {
  std::string bytes;
  std::string file;
  std::jmp_buf on_error;
};

void failed(png_structp png, png_const_charp) {
  std::longjmp(static_cast<Encoding*>(png_get_error_ptr(png))->on_error, 1);
}

void take(png_structp png, png_bytep data, size_t count) {
  static_cast<Encoding*>(png_get_io_ptr(png))
      ->file.append(reinterpret_cast<const char*>(data), count);
}

void flush(png_structp) {}

/// Samples as PNG has them: 16 bits with the high byte first.
std::string bytes_of(const Picture& picture) {
  std::string bytes;
  bytes.reserve(picture.values.size() * static_cast<size_t>(picture.bits / 8));
  for (const uint16_t value : picture.values) {
    if (picture.bits == 16) bytes.push_back(static_cast<char>(value >> 8));
    bytes.push_back(static_cast<char>(value & 0xFF));
  }
  return bytes;
}

bool encode(Encoding& encoding, const Picture& picture, png_structp png, png_infop info) {
  if (setjmp(encoding.on_error) != 0) return false;
  png_set_write_fn(png, &encoding, take, flush);
  const auto size = static_cast<png_uint_32>(picture.size);
  png_set_IHDR(png, info, size, size, picture.bits,
               picture.channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  // Noise does not compress: more effort costs time and saves hardly anything.
  png_set_compression_level(png, 2);
  png_set_filter(png, 0, PNG_FILTER_SUB);
  png_write_info(png, info);
  const size_t row = encoding.bytes.size() / size;
  for (png_uint_32 y = 0; y < size; ++y)
    png_write_row(png, reinterpret_cast<png_const_bytep>(encoding.bytes.data()) + y * row);
  png_write_end(png, nullptr);
  return true;
}

}  // namespace

Result<std::string> encode_png(const Picture& picture) {
  Encoding encoding;
  encoding.bytes = bytes_of(picture);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoding, failed, nullptr);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  const bool ok = info && encode(encoding, picture, png, info);
  png_destroy_write_struct(&png, &info);
  if (!ok) return fail(ErrorCode::kOutOfMemory, "libpng could not encode a picture");
  return std::move(encoding.file);
}

}  // namespace nitro::synth
