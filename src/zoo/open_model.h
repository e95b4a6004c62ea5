#pragma once

#include <filesystem>
#include <string>

#include "onnx/import_model.h"

namespace nitro::zoo {

struct OpenOptions {
  onnx::ImportOptions import = {};
  /// For zoo models: a safetensors file with the weights.
  std::filesystem::path weights = {};
};

/// A model as people name it, opened: the IR, and the ONNX file that runners load.
struct OpenedModel {
  std::string source;  // as given
  std::filesystem::path file;
  onnx::ImportedModel model;
};

/// Opens an ONNX file, or "zoo:NAME", which is first written into `scratch`. Of a model with
/// functions, or whose external data may be links, runners load a copy in `scratch` without them.
Result<OpenedModel> open_model(const std::string& source, const std::filesystem::path& scratch,
                               const OpenOptions& options = {});

}  // namespace nitro::zoo
