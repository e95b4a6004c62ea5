#pragma once

#include <filesystem>
#include <memory>

#include "base/file.h"
#include "onnx/limits.h"

namespace onnx {
class ModelProto;
}

namespace nitro::onnx {

/// A parsed model file. The messages live in an arena of bounded size.
class LoadedModel {
 public:
  LoadedModel();
  LoadedModel(LoadedModel&&) noexcept;
  ~LoadedModel();
  ::onnx::ModelProto& model() { return *model_; }
  /// The folder of the file, for external data.
  const FileDescriptor& folder() const { return folder_; }
  /// What the messages live in.
  std::shared_ptr<const void> owner() const { return storage_; }

  friend Result<LoadedModel> load_model(const std::filesystem::path& path, const Limits& limits);

 private:
  struct Storage;
  std::shared_ptr<Storage> storage_;
  ::onnx::ModelProto* model_ = nullptr;
  FileDescriptor folder_;
};

/// Reads an ONNX file. Fails with kBadFile (empty, truncated, corrupt, nested too deep) and
/// kLimitExceeded (file size, message memory).
Result<LoadedModel> load_model(const std::filesystem::path& path, const Limits& limits);

}  // namespace nitro::onnx
