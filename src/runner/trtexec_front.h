#pragma once

#include <filesystem>
#include <map>
#include <string_view>

#include "runner/protocol.h"
#include "runner/server.h"
#include "runner/tensorrt_model.h"

namespace nitro::runner {

/// The runner `trtexec` where Nitro is: writes models in the operators of the TensorRT that `there`
/// has, in the precision of NITRO_CUDA_PRECISION, lets it build and execute them, and says which
/// nodes of the model its layers are.
class TrtexecFront {
 public:
  /// `there` answers as TrtexecRunner does: on this machine, or on a board.
  explicit TrtexecFront(Answer there) : there_(std::move(there)) {}

  /// The members of the reply to one request.
  Result<Json> answer(std::string_view verb, const Json& request);

 private:
  Result<Json> hello(const Json& request);
  Result<Json> load(const Json& request);
  Result<Json> profile(const Json& request);

  Answer there_;
  std::filesystem::path scratch_;
  trace::TensorrtVersion version_;
  std::string precision_;
  std::map<Handle, TensorrtModel> models_;
  int64_t next_file_ = 1;
};

/// Serves the runner protocol on stdin and stdout, with the trtexec of the board that NITRO_SSH
/// names, or of this machine; returns the exit code of the process.
int serve_trtexec_front();

}  // namespace nitro::runner
