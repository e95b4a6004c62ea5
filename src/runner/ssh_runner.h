#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "plan/plan.h"
#include "runner/agent_session.h"
#include "runner/protocol.h"

namespace nitro::runner {

/// What nitro-agent executes on a board: plans with Nitro's engine, or ONNX files with TensorRT.
enum class BoardEngine : uint8_t { kNitro, kTrtexec };

/// The runner `ssh`: nitro-agent on the board that NITRO_SSH names (ssh://user@host). For Nitro's
/// engine models are lowered to plans here, in the precision of NITRO_CUDA_PRECISION, for trtexec
/// they go there as they are; tensors travel as files. A connection that is lost is made again, and
/// the request repeated there, up to kMostTries times in a row; nothing stays on the board but the
/// agent.
class SshRunner {
 public:
  static constexpr int kMostTries = 5;

  explicit SshRunner(BoardEngine engine = BoardEngine::kNitro) : engine_(engine) {}

  /// The members of the reply to one request.
  Result<Json> answer(std::string_view verb, const Json& request);

 private:
  struct Model {
    std::filesystem::path file;
    Json request;       // of `load`, but for the model
    int64_t there = 0;  // its handle in the session
  };

  Result<Json> hello(const Json& request);
  Result<Json> load(const Json& request);
  Result<Json> run(const Json& request);
  Result<Json> unload(const Json& request);
  Result<Json> clocks(const Json& request);

  /// What goes to the board of a request to load.
  Result<std::filesystem::path> file_of(const Json& request);
  /// Ends the session that was lost, of which the board may not know; its clocks are then as
  /// before.
  Result<void> end_lost_session();
  /// Starts a session, loads in it what is loaded and fixes the clocks that are fixed. The reply to
  /// its hello.
  Result<Json> connect();
  /// What to ask for in the session at hand, and what to do with the reply.
  using Make = std::function<Result<Json>()>;
  using Finish = std::function<Result<void>(Json& reply)>;
  /// Asks, and does all of it again in a new session where that one is lost.
  Result<Json> ask(std::string_view verb, const Make& make, const Finish& finish = {});
  /// Copies the outputs here, and removes them there.
  Result<void> take_outputs(Json& reply);
  /// `request` with the handles and inputs of its calls as they are there.
  Result<Json> there(const Json& request);
  Result<Json> call_there(const Json& call);
  Result<std::string> uploaded(const std::filesystem::path& file);

  BoardEngine engine_;
  std::filesystem::path scratch_;
  std::optional<SshHost> host_;
  std::filesystem::path agent_;
  std::optional<AgentSession> session_;
  std::string lost_folder_;     // of a session that was lost
  std::optional<Json> clocks_;  // the request that fixed them
  std::map<Handle, Model> models_;
  std::map<std::filesystem::path, std::string> uploads_;  // of the session, by file here
  Handle next_handle_ = 1;
  int64_t next_file_ = 1;
};

/// Serves the runner protocol on stdin and stdout; returns the exit code of the process.
int serve_ssh();

}  // namespace nitro::runner
