#pragma once

#include <filesystem>
#include <string>

#include "base/json.h"
#include "runner/ssh_host.h"

namespace nitro::runner {

/// Whether a board's clocks are fixed at the most of its power mode (jetson_clocks, by sudo without
/// a password), and set back at the end.
enum class Clocks : uint8_t { kAsTheyAre, kFixed };

/// nitro-agent running on a board, with a folder of its own there that goes when it ends, however
/// it ends.
class AgentSession {
 public:
  /// Copies the program `agent` there, where it is not from an earlier time, and starts it with the
  /// argument `word`, if there is one.
  static Result<AgentSession> start(const SshHost& host, const std::filesystem::path& agent,
                                    Clocks clocks = Clocks::kAsTheyAre,
                                    const std::string& word = {});

  /// The whole reply to `request`, which has the protocol's members but for id and verb; a reply
  /// that is an error is one. `host` must be that of start(). SIGINT to this process goes on to the
  /// agent, and its progress to our client.
  Result<Json> ask(const SshHost& host, std::string_view verb, const Json& request);
  /// Whether the connection ended during ask(): everything there is gone.
  bool lost() const { return lost_; }
  /// The session's folder on the board.
  const std::string& folder() const { return folder_; }

 private:
  AgentSession(std::unique_ptr<Subprocess> process, std::string folder)
      : process_(std::move(process)), folder_(std::move(folder)) {}

  std::unique_ptr<Subprocess> process_;
  std::string folder_;
  int64_t next_id_ = 1;
  bool lost_ = false;
};

/// The program nitro-agent for the machine that says `machine` ("aarch64"): $NITRO_AGENT, or what
/// scripts/build-agent.sh made in the source tree. kEnvironment where it is not there.
Result<std::filesystem::path> find_agent(std::string_view machine);

}  // namespace nitro::runner
