#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/json.h"
#include "runner/loaded_models.h"
#include "runner/trtexec_engine.h"

namespace nitro::runner {

/// TensorRT by the trtexec of this machine, for files that it takes as they are: `load` has the
/// members that TrtexecEngine::load() reads, and `profile` tells of each node the engine's layer,
/// not the origins. TrtexecFront makes the one and adds the other.
class TrtexecRunner {
 public:
  /// The members of the reply to one request.
  Result<Json> answer(std::string_view verb, const Json& request);

 private:
  Result<Json> hello(const Json& request);
  Result<Json> load(const Json& request);
  Result<Json> run(const Json& request);
  Result<Json> time(const Json& request);
  Result<Json> profile(const Json& request);

  Result<std::vector<std::string>> flags_of(const Json& call);

  std::filesystem::path scratch_;
  std::optional<TrtexecProgram> program_;
  LoadedModels<TrtexecEngine> engines_;
  int64_t next_file_ = 1;
};

/// Serves the runner protocol on stdin and stdout; returns the exit code of the process.
int serve_trtexec();

}  // namespace nitro::runner
