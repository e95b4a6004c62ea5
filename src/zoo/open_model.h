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

/// A model as people name it, opened.
struct OpenedModel {
  std::string source;  // as given
  std::filesystem::path file;
  onnx::ImportedModel model;
  bool has_links = false;  // among its external data
};

/// Opens an ONNX file, or "zoo:NAME", which is first written into `scratch`.
Result<OpenedModel> open_model(const std::string& source, const std::filesystem::path& scratch,
                               const OpenOptions& options = {});

/// The file that runners load: its own, or a copy in `scratch` without functions and links.
Result<std::filesystem::path> runnable_file(const OpenedModel& opened,
                                            const std::filesystem::path& scratch,
                                            const onnx::Limits& limits);

}  // namespace nitro::zoo
