#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "ir/tensor.h"
#include "runner/trtexec_program.h"

namespace nitro::runner {

/// An input or output of an engine.
struct EnginePort {
  std::string name;     // in the model
  std::string binding;  // in the file that was built, fit for trtexec's arguments
  TensorType type;
};

/// An engine that trtexec built of an ONNX file, and what trtexec is to be told to use it.
class TrtexecEngine {
 public:
  /// Builds the engine of what `request` names: `model`, `precision` (f16, f32), `inputs` and
  /// `outputs` (lists of name, binding, dtype and shape). Engines are kept in the user's cache by
  /// the file's content: a build takes minutes, and the next one may choose other kernels.
  /// `scratch` is for files. Reports progress.
  static Result<TrtexecEngine> load(const TrtexecProgram& program, const Json& request,
                                    const std::filesystem::path& scratch);

  /// What `load` replies of them.
  Json inputs_json() const { return ports_json(inputs_); }
  Json outputs_json() const { return ports_json(outputs_); }
  const std::vector<EnginePort>& outputs() const { return outputs_; }

  /// --loadEngine and --loadInputs, of a call's `inputs` (name -> path of a .npy file).
  Result<std::vector<std::string>> flags(const Json& inputs);

 private:
  static Json ports_json(const std::vector<EnginePort>& ports);
  /// The name in the scratch folder of a tensor's bytes as TensorRT reads them.
  Result<std::string> raw_file(const EnginePort& port, const std::filesystem::path& npy);

  std::filesystem::path engine_;
  std::filesystem::path scratch_;
  bool has_int64_ = false;
  std::vector<EnginePort> inputs_;
  std::vector<EnginePort> outputs_;
  std::map<std::filesystem::path, std::string> raw_files_;
};

}  // namespace nitro::runner
