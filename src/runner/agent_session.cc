#include "runner/agent_session.h"

#include <array>

#include "base/file.h"
#include "base/sha256.h"
#include "base/shell_line.h"
#include "base/text.h"
#include "runner/clock_setter.h"
#include "runner/protocol.h"
#include "runner/server.h"

namespace nitro::runner {
namespace {

constexpr std::chrono::seconds kStartPatience{60};
/// The client has the say on how long an answer may take; it ends this process.
constexpr std::chrono::hours kPatience{24};
constexpr std::chrono::milliseconds kLook{200};
constexpr size_t kMaxLine = size_t{64} << 20;
constexpr uint64_t kMostAgentBytes = uint64_t{64} << 20;

/// In the user's cache there, by its content.
Result<std::string> place(const SshHost& host, const std::filesystem::path& agent) {
  const std::string digest = to_hex(sha256(TRY(read_file(agent, kMostAgentBytes)))).substr(0, 16);
  const std::string path = ".cache/nitro/agent-" + digest;
  const std::string found =
      TRY(host.run(fmt::format("mkdir -p .cache/nitro && test -x {} && echo found || true", path)));
  if (found.starts_with("found")) return path;
  TRY(host.upload(agent, path, "755"));
  return path;
}

/// Prints the session's folder, then serves. The folder goes with the shell, and clocks that were
/// fixed are again as they were: the shell gets there also when the connection ends.
std::string serving_line(const std::string& agent, Clocks clocks) {
  const bool fixed = clocks == Clocks::kFixed;
  // As ClockSetter::restore(). sudo may read what is on its stdin.
  const std::string probed = fmt::format(
      "[ ! -e \"$d/{0}\" ] || while read -r v f; do "
      "[ \"$(cat \"$f\" 2>/dev/null || sudo -n cat \"$f\" 2>/dev/null </dev/null)\" = \"$v\" ] || "
      "{{ echo \"$v\" > \"$f\"; }} 2>/dev/null || echo \"$v\" | sudo -n tee \"$f\" >/dev/null; "
      "done < \"$d/{0}\"; ",
      kOriginalClocks);
  const std::string restore = "sudo -n jetson_clocks --restore \"$d/clocks\"; ";
  const std::string remove = "rm -rf \"$d\"";
  const std::string fix = "sudo -n jetson_clocks --store \"$d/clocks\" && ";
  return "d=$(mktemp -d \"${TMPDIR:-/tmp}/nitro-XXXXXXXX\") && trap '" + probed + remove +
         "' EXIT && " +
         (fixed ? fix + "trap '" + probed + restore + remove + "' EXIT && sudo -n jetson_clocks && "
                : "") +
         "trap 'exit 1' HUP TERM && echo \"$d\" && "
         "TMPDIR=\"$d\" sh -c 'echo $$ > \"$0/pid\"; exec \"$@\"' \"$d\" ./" +
         agent;
}

}  // namespace

Result<AgentSession> AgentSession::start(const SshHost& host, const std::filesystem::path& agent,
                                         Clocks clocks, const std::string& word) {
  const std::string program = TRY(place(host, agent)) + (word.empty() ? "" : " " + word);
  auto process = std::make_unique<Subprocess>(
      TRY(Subprocess::start(host.command(serving_line(program, clocks)))));
  const Subprocess::ReadLine line = process->read_line(Clock::now() + kStartPatience, kMaxLine);
  if (line.end != Subprocess::ReadEnd::kLine || !line.line.contains("/nitro-")) {
    process->kill_and_reap();
    return host.unreachable(process->stderr_tail());
  }
  return AgentSession(std::move(process), line.line);
}

Result<Json> AgentSession::ask(const SshHost& host, std::string_view verb, const Json& request) {
  Json message = Json::object();
  message["id"] = next_id_++;
  message["verb"] = verb;
  for (const auto& [key, value] : request.members()) {
    if (key != "id" && key != "verb") message[key] = value;
  }
  const Deadline deadline = Clock::now() + kPatience;
  process_->write_line(message.dump(), deadline);
  bool told_to_stop = false;
  Subprocess::ReadLine read;
  do {
    read = process_->read_line(Clock::now() + kLook, kMaxLine);
    if (read.end == Subprocess::ReadEnd::kLine) {
      Json reply = TRY(Json::parse(read.line));
      if (reply.contains("ok") || !reply.at("progress").is_string()) return reply;
      report_progress(reply.at("progress").as_string());
      continue;
    }
    if (read.end != Subprocess::ReadEnd::kTimeout || told_to_stop || !stop_wanted()) continue;
    told_to_stop = true;
    (void)host.run("kill -INT $(cat " + shell_line(std::array{folder_ + "/pid"}) + ")");
  } while ((read.end == Subprocess::ReadEnd::kTimeout || read.end == Subprocess::ReadEnd::kLine) &&
           Clock::now() < deadline);
  process_->wait(Clock::now() + kStartPatience);
  process_->kill_and_reap();
  lost_ = SshHost::is_lost(process_->ending());
  if (lost_) return host.unreachable(process_->stderr_tail());
  return fail(ErrorCode::kRunnerFailed, "the agent on {} ended with {} at '{}': {}",
              host.address().text(), process_->ending(), verb,
              display(process_->stderr_tail(), 300));
}

}  // namespace nitro::runner
