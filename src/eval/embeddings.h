#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace nitro::eval {

/// What a model made of images: a row for each.
struct Embeddings {
  size_t dim = 0;
  std::vector<float> values = {};

  size_t rows() const { return dim == 0 ? 0 : values.size() / dim; }
  std::span<const float> row(size_t i) const { return {values.data() + i * dim, dim}; }
};

/// The embeddings of class prompts, each row of length 1.
struct TextEmbeddings {
  std::vector<std::string> classes;
  Embeddings rows;
};

/// Reads an f32, f16 or f64 array [classes, dim] and a text file with a class name a line. Rows are
/// brought to length 1. Fails with kBadFile where the counts differ, a name is empty or repeated,
/// or a row has no direction; otherwise as the reading of files does.
Result<TextEmbeddings> read_text_embeddings(const std::filesystem::path& array,
                                            const std::filesystem::path& classes);

/// The lines of a file of class names. Fails with kBadFile on an empty or repeated one.
Result<std::vector<std::string>> read_classes(const std::filesystem::path& path);

/// The inverse of the length of `row`, or 0 where it has no direction: a value is not finite, or
/// all are 0.
double inverse_length(std::span<const float> row);

/// The cosine between two rows of equal size; 0 where one has no direction.
double cosine(std::span<const float> a, std::span<const float> b);

}  // namespace nitro::eval
