#pragma once

#include <filesystem>
#include <optional>

#include "eval/model_calls.h"

namespace nitro::eval {

/// The file of an image as one image of `port`, of its type with a first dimension of 1. PNG and
/// JPEG are prepared as EdgeVL does it; a .npy of u8[H,W] or u8[H,W,3] holds pixels and is
/// prepared, too; one of the input's own type, with or without the first dimension, is taken as it
/// is. Fails with kBadFile, kShapeMismatch, kLimitExceeded or kInputOutput.
Result<Tensor> load_image(const std::filesystem::path& file, const Port& port);

/// The pixels of the file of an image; nothing where a .npy holds none. Fails with kBadFile,
/// kLimitExceeded or kInputOutput.
Result<std::optional<image::Image>> load_pixels(const std::filesystem::path& file);

}  // namespace nitro::eval
