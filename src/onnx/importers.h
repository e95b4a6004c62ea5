#pragma once

#include <span>

#include "onnx/import_node.h"

namespace nitro::onnx {

/// One row of the operators that an import_<family>.cc lowers.
struct ImporterRow {
  std::string_view domain;  // "" or "com.microsoft"
  std::string_view op_type;
  Importer importer;
};

std::span<const ImporterRow> elementwise_importers();
std::span<const ImporterRow> movement_importers();
std::span<const ImporterRow> indexing_importers();
std::span<const ImporterRow>
constant_importers();  // Constant, ConstantOfShape, Shape, Size, Range, EyeLike …
std::span<const ImporterRow> linear_importers();
std::span<const ImporterRow> normalization_importers();
std::span<const ImporterRow> pooling_importers();
std::span<const ImporterRow> reduction_importers();
std::span<const ImporterRow> quantization_importers();
std::span<const ImporterRow> loss_importers();

}  // namespace nitro::onnx
