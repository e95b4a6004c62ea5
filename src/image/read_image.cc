#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>

// clang-format off
#include <jpeglib.h>  // needs <cstdio>
#include <png.h>
// clang-format on

#include "base/file.h"
#include "base/text.h"
#include "image/image.h"

namespace nitro::image {
namespace {

constexpr uint64_t kMaxFileBytes = uint64_t{256} << 20;
constexpr uint64_t kMaxPixels = 64'000'000;

/// State that survives the longjmp of a decoder: everything that owns memory lives here.
struct Decoding {
  std::string_view source;
  size_t position = 0;
  Image image;
  std::vector<uint8_t> bytes;
  std::vector<uint8_t*> rows;
  std::string problem;
  bool too_large = false;
  std::jmp_buf on_error;
};

bool accept_size(Decoding& decoding, uint64_t width, uint64_t height) {
  decoding.too_large = width == 0 || height == 0 || width > kMaxPixels / height;
  decoding.image.width = static_cast<int64_t>(width);
  decoding.image.height = static_cast<int64_t>(height);
  return !decoding.too_large;
}

// ---- PNG

void png_failed(png_structp png, png_const_charp message) {
  auto& decoding = *static_cast<Decoding*>(png_get_error_ptr(png));
  decoding.problem = message;
  std::longjmp(decoding.on_error, 1);
}

void png_warned(png_structp, png_const_charp) {}

void png_take(png_structp png, png_bytep target, png_size_t count) {
  auto& decoding = *static_cast<Decoding*>(png_get_io_ptr(png));
  if (count > decoding.source.size() - decoding.position) png_error(png, "truncated");
  std::memcpy(target, decoding.source.data() + decoding.position, count);
  decoding.position += count;
}

void png_to_grey_or_rgb(png_structp png, png_infop info) {
  const int colour = png_get_color_type(png, info);
  if (colour == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (colour == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png, info) < 8) {
    png_set_expand_gray_1_2_4_to_8(png);
  }
  png_set_strip_alpha(png);
  if (png_get_bit_depth(png, info) == 16) png_set_swap(png);  // to little-endian
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

bool decode_png(Decoding& decoding, png_structp png, png_infop info) {
  if (setjmp(decoding.on_error) != 0) return false;
  png_set_read_fn(png, &decoding, png_take);
  png_read_info(png, info);
  if (!accept_size(decoding, png_get_image_width(png, info), png_get_image_height(png, info)))
    return false;
  png_to_grey_or_rgb(png, info);
  const size_t row_bytes = png_get_rowbytes(png, info);
  decoding.image.channels = png_get_channels(png, info);
  decoding.image.max_value = png_get_bit_depth(png, info) == 16 ? 65535 : 255;
  decoding.bytes.resize(row_bytes * static_cast<size_t>(decoding.image.height));
  for (size_t y = 0; y < static_cast<size_t>(decoding.image.height); ++y)
    decoding.rows.push_back(decoding.bytes.data() + y * row_bytes);
  png_read_image(png, decoding.rows.data());
  png_read_end(png, nullptr);
  return true;
}

bool read_png(Decoding& decoding) {
  png_structp png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoding, png_failed, png_warned);
  png_infop info = png ? png_create_info_struct(png) : nullptr;
  const bool ok = info && decode_png(decoding, png, info);
  png_destroy_read_struct(&png, &info, nullptr);
  return ok;
}

// ---- JPEG

void jpeg_failed(j_common_ptr jpeg) {
  auto& decoding = *static_cast<Decoding*>(jpeg->client_data);
  char message[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, message);
  decoding.problem = message;
  std::longjmp(decoding.on_error, 1);
}

void jpeg_said(j_common_ptr) {}

bool decode_jpeg(Decoding& decoding, jpeg_decompress_struct& jpeg) {
  if (setjmp(decoding.on_error) != 0) return false;
  jpeg_create_decompress(&jpeg);
  jpeg_mem_src(&jpeg, reinterpret_cast<const unsigned char*>(decoding.source.data()),
               decoding.source.size());
  jpeg_read_header(&jpeg, TRUE);
  if (!accept_size(decoding, jpeg.image_width, jpeg.image_height)) return false;
  jpeg.out_color_space = jpeg.jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  decoding.image.channels = jpeg.output_components;
  const size_t row_bytes = static_cast<size_t>(jpeg.output_width) * jpeg.output_components;
  decoding.bytes.resize(row_bytes * jpeg.output_height);
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = decoding.bytes.data() + jpeg.output_scanline * row_bytes;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  // libjpeg fills in what is missing and only warns.
  if (jpeg.err->num_warnings > 0) decoding.problem = "truncated or corrupt";
  return jpeg.err->num_warnings == 0;
}

bool read_jpeg(Decoding& decoding) {
  jpeg_decompress_struct jpeg = {};
  jpeg_error_mgr errors;
  jpeg.err = jpeg_std_error(&errors);
  errors.error_exit = jpeg_failed;
  errors.output_message = jpeg_said;
  jpeg.client_data = &decoding;
  const bool ok = decode_jpeg(decoding, jpeg);
  jpeg_destroy_decompress(&jpeg);
  return ok;
}

void widen(Decoding& decoding) {
  Image& image = decoding.image;
  image.pixels.resize(static_cast<size_t>(image.width * image.height * image.channels));
  if (image.max_value == 255) {
    std::copy(decoding.bytes.begin(), decoding.bytes.end(), image.pixels.begin());
  } else {
    std::memcpy(image.pixels.data(), decoding.bytes.data(), decoding.bytes.size());
  }
}

}  // namespace

Result<Image> read_image(const std::filesystem::path& path) {
  const std::string content = TRY(read_file(path, kMaxFileBytes));
  Decoding decoding;
  decoding.source = content;
  bool ok = false;
  if (content.starts_with("\x89PNG\r\n\x1a\n")) {
    ok = read_png(decoding);
  } else if (content.starts_with("\xff\xd8\xff")) {
    ok = read_jpeg(decoding);
  } else {
    return fail_with_hint(ErrorCode::kBadFile,
                          fmt::format("{} is neither PNG nor JPEG", display(path.native())),
                          "convert it, or give the tensor as .npy");
  }
  if (decoding.too_large) {
    return fail(ErrorCode::kLimitExceeded, "{} has no pixels or more than {} million",
                display(path.native()), kMaxPixels / 1'000'000);
  }
  if (!ok) {
    return fail(ErrorCode::kBadFile, "{} is damaged: {}", display(path.native()),
                display(decoding.problem));
  }
  widen(decoding);
  return std::move(decoding.image);
}

}  // namespace nitro::image
