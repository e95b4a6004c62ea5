#include "eval/load_image.h"

#include "base/text.h"
#include "runner/npy.h"

namespace nitro::eval {
namespace {

TensorType type_of_one(const Port& port) {
  TensorType type = port.type;
  type.shape[0] = 1;
  return type;
}

/// Whether `shape` is that of pixels: [H,W] or [H,W,3].
bool is_pixels(const Tensor& array) {
  const Shape& shape = array.shape();
  return array.dtype() == DType::kU8 && array.elements() > 0 &&
         (shape.size() == 2 || (shape.size() == 3 && shape[2] == 3));
}

image::Image image_of(const Tensor& array) {
  const auto pixels = array.data<uint8_t>();
  return {array.shape()[1],
          array.shape()[0],
          array.shape().size() == 3 ? 3 : 1,
          255,
          {pixels.begin(), pixels.end()}};
}

Result<Tensor> prepared(const image::Image& image, const Port& port) {
  const TensorType type = type_of_one(port);
  if (!is_float(type.dtype)) {
    return fail(ErrorCode::kShapeMismatch, "an image does not fit the input '{}', which is {}",
                display(port.input, 60), text(port.type));
  }
  Tensor tensor = TRY(image::prepare_image(image, type.shape, port.pixels));
  return type.dtype == DType::kF32 ? tensor
                                   : Tensor::of(type.dtype, type.shape, tensor.as<double>());
}

Result<Tensor> from_array(const Tensor& array, const Port& port) {
  const TensorType wanted = type_of_one(port);
  if (array.type() == wanted) return array;
  if (array.dtype() == wanted.dtype &&
      array.shape() == Shape(wanted.shape.begin() + 1, wanted.shape.end()))
    return array.reshaped(wanted.shape);
  if (is_pixels(array)) return prepared(image_of(array), port);
  return fail_with_hint(ErrorCode::kShapeMismatch,
                        fmt::format("it is {}, and an image of the input '{}' is {}",
                                    text(array.type()), display(port.input, 60), text(wanted)),
                        "pixels are u8[H,W] or u8[H,W,3]");
}

}  // namespace

Result<Tensor> load_image(const std::filesystem::path& file, const Port& port) {
  const auto load = [&]() -> Result<Tensor> {
    if (file.extension() == ".npy") return from_array(TRY(runner::read_npy(file)), port);
    return prepared(TRY(image::read_image(file)), port);
  };
  return in_context(load(), display(file.native()));
}

Result<std::optional<image::Image>> load_pixels(const std::filesystem::path& file) {
  if (file.extension() != ".npy") return TRY(image::read_image(file));
  const Tensor array = TRY(runner::read_npy(file));
  if (!is_pixels(array)) return std::nullopt;
  return image_of(array);
}

}  // namespace nitro::eval
