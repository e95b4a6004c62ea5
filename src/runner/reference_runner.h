#pragma once

#include <filesystem>
#include <string_view>

#include "base/json.h"
#include "onnx/import_model.h"
#include "runner/loaded_models.h"
#include "runner/sampling.h"

namespace nitro::runner {

/// The runner `reference`: imports ONNX files and executes them with the plain loops of reference/.
/// Threads, graph level and spinning do not apply to it.
class ReferenceRunner {
 public:
  /// The members of the reply to one request.
  Result<Json> answer(std::string_view verb, const Json& request);

 private:
  Result<Json> hello(const Json& request);
  Result<Json> load(const Json& request);
  Result<Json> run(const Json& request);
  Result<Json> time(const Json& request);
  Result<Json> profile(const Json& request);

  /// A model and its inputs, in the order of the graph.
  struct BoundCall {
    const onnx::ImportedModel* model = nullptr;
    std::vector<Tensor> inputs;
  };
  Result<BoundCall> bind(const Json& call);
  /// The calls of one variant as a frame; `cold` where one of its models never ran.
  Result<Frame> frame(const Json& variant, bool& cold);

  std::filesystem::path scratch_;
  LoadedModels<onnx::ImportedModel> models_;
  int64_t next_file_ = 1;
};

/// Serves the runner protocol on stdin and stdout; returns the exit code of the process.
int serve_reference();

}  // namespace nitro::runner
