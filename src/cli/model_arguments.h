#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/arguments.h"
#include "zoo/open_model.h"

namespace nitro::cli {

/// The arguments by which a verb takes a model: MODEL, --shape, --shapes, --weights and what a
/// file may ask for.
class ModelArguments {
 public:
  void declare(Arguments& arguments);
  /// For verbs that take no runner: a flag that lets onnxruntime execute the model.
  void declare_types_by_run(Arguments& arguments);
  const std::string& source() const { return source_; }
  /// Without a way to learn types by a run unless that flag is given; a verb that takes a runner
  /// puts its own there.
  Result<zoo::OpenOptions> options() const;
  /// The model; `scratch` must live as long as its file is used.
  Result<zoo::OpenedModel> open(const std::filesystem::path& scratch) const;

 private:
  std::string source_;
  std::vector<std::string> shape_;
  std::string shapes_;
  std::filesystem::path weights_;
  int64_t max_model_bytes_ = static_cast<int64_t>(onnx::Limits().max_model_bytes);
  int64_t max_nodes_ = static_cast<int64_t>(onnx::Limits().max_nodes);
  bool allow_symlinks_ = false;
  bool strict_ = false;
  bool types_by_run_ = false;
};

/// "name=1x3x224x224" with '=' or, as trtexec writes it, ':' as `separator`.
Result<std::pair<std::string, Shape>> parse_named_shape(std::string_view text, char separator);

}  // namespace nitro::cli
