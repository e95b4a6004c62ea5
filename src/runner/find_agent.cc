#include <cstdlib>

#include "base/text.h"
#include "runner/agent_session.h"
#include "runner/find_python.h"

namespace nitro::runner {

Result<std::filesystem::path> find_agent(std::string_view machine) {
  if (const char* given = std::getenv("NITRO_AGENT"); given && *given) return given;
  if (machine != "aarch64") {
    return fail_with_hint(
        ErrorCode::kEnvironment,
        fmt::format("nitro-agent is for aarch64, and the board is {}", display(machine, 40)),
        "name a program for it with NITRO_AGENT");
  }
  const std::filesystem::path agent =
      executable().parent_path().parent_path() / "agent/nitro-agent";
  std::error_code error;
  if (std::filesystem::exists(agent, error)) return agent;
  return fail_with_hint(ErrorCode::kEnvironment,
                        fmt::format("there is no {}", display(agent.native())),
                        "make it: scripts/build-agent.sh");
}

}  // namespace nitro::runner
