#include "runner/ssh_host.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/shell_line.h"
#include "base/text.h"

namespace nitro::runner {
namespace {

constexpr std::chrono::seconds kPatience{120};
constexpr size_t kMostBytes = size_t{16} << 20;
constexpr size_t kLastWords = 300;

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:%[]";

/// No option of ssh, and nothing that a shell reads otherwise.
bool is_plain(std::string_view word) {
  return !word.empty() && word[0] != '-' &&
         word.find_first_not_of(kPlain) == std::string_view::npos;
}

std::string quoted(const std::string& word) { return shell_line(std::array{word}); }

/// What ssh prints, and what its user can do.
struct Trouble {
  std::string_view words;
  std::string_view problem;
  std::string_view hint;
};
constexpr std::array kTroubles = {
    Trouble{"Host key verification failed", "its key is not known here, or is not that of before",
            "compare the key's fingerprint with the board's, then connect once by hand: ssh {}"},
    Trouble{"REMOTE HOST IDENTIFICATION HAS CHANGED", "its key is not that of before",
            "find out why, then: ssh-keygen -R {}"},
    Trouble{"Permission denied", "it does not let us in without a password",
            "give it your key: ssh-copy-id {}"},
    Trouble{"sudo: ", "its clocks cannot be fixed without a password",
            "let {} do that: in /etc/sudoers.d/jetson_clocks there, USER ALL=(root) NOPASSWD: "
            "/usr/bin/jetson_clocks"},
};

}  // namespace

std::string SshAddress::text() const {
  std::string result = std::string(kSshScheme) + (user.empty() ? "" : user + "@") + host;
  return port == 0 ? result : result + fmt::format(":{}", port);
}

Result<SshAddress> parse_ssh_address(std::string_view text) {
  const auto bad = [&] {
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("'{}' is no address of a board", display(text, 80)),
                          "write it as ssh://user@host or ssh://user@host:port");
  };
  if (!text.starts_with(kSshScheme)) return bad();
  std::string_view rest = text.substr(kSshScheme.size());
  SshAddress address;
  if (const size_t at = rest.find('@'); at != std::string_view::npos) {
    address.user = rest.substr(0, at);
    if (!is_plain(address.user)) return bad();
    rest.remove_prefix(at + 1);
  }
  if (const size_t colon = rest.rfind(':'); colon != std::string_view::npos && rest.back() != ']') {
    if (!parse_integer(rest.substr(colon + 1), address.port) || address.port < 1 ||
        address.port > 65535)
      return bad();
    rest = rest.substr(0, colon);
  }
  address.host = rest;
  if (!is_plain(address.host)) return bad();
  return address;
}

SshHost::SshHost(SshAddress address, std::filesystem::path folder)
    : address_(std::move(address)), folder_(std::move(folder)) {}

SshHost::~SshHost() {
  if (folder_.empty()) return;  // moved from
  std::vector<std::string> closing = words("");
  closing.pop_back();
  closing.insert(closing.begin() + 1, {"-O", "exit"});
  (void)finish(Command{closing}, "closing the connection");
}

std::vector<std::string> SshHost::words(const std::string& line) const {
  std::vector<std::string> list = {"ssh"};
  if (const char* config = std::getenv("NITRO_SSH_CONFIG"); config && *config)
    list.insert(list.end(), {"-F", config});
  for (const char* option :
       {"BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=10", "ServerAliveInterval=5",
        "ServerAliveCountMax=3", "ControlMaster=auto", "ControlPersist=60"})
    list.insert(list.end(), {"-o", option});
  list.insert(list.end(), {"-o", "ControlPath=" + (folder_ / "ssh").native()});
  if (address_.port != 0) list.insert(list.end(), {"-p", std::to_string(address_.port)});
  if (!address_.user.empty()) list.insert(list.end(), {"-l", address_.user});
  list.insert(list.end(), {"--", address_.host, line});
  return list;
}

Command SshHost::command(const std::string& line) const { return Command{words(line)}; }

Result<std::string> SshHost::run(const std::string& line) const {
  return finish(command(line), line);
}

Result<void> SshHost::upload(const std::filesystem::path& local, const std::string& remote) const {
  const std::string part = remote + ".part";
  const std::string line =
      fmt::format("cat > {} && mv {} {}", quoted(part), quoted(part), quoted(remote));
  const Command copying{{"sh", "-c", shell_line(words(line)) + " < " + quoted(local.native())}};
  TRY(finish(copying, "copying a file there"));
  return {};
}

Result<void> SshHost::download(const std::string& remote,
                               const std::filesystem::path& local) const {
  const Command copying{
      {"sh", "-c", shell_line(words("cat " + quoted(remote))) + " > " + quoted(local.native())}};
  TRY(finish(copying, "copying a file from there"));
  return {};
}

std::unexpected<Error> SshHost::unreachable(std::string_view said) const {
  const std::string name =
      address_.user.empty() ? address_.host : address_.user + "@" + address_.host;
  for (const Trouble& trouble : kTroubles) {
    if (!said.contains(trouble.words)) continue;
    return fail_with_hint(ErrorCode::kEnvironment,
                          fmt::format("{} cannot be used: {}", address_.text(), trouble.problem),
                          fmt::format(fmt::runtime(trouble.hint), name));
  }
  while (said.ends_with('\n') || said.ends_with('\r')) said.remove_suffix(1);
  return fail_with_hint(
      ErrorCode::kEnvironment,
      fmt::format("{} cannot be reached: {}", address_.text(),
                  said.empty() ? "the connection ended" : display(said, kLastWords)),
      "try it by hand: ssh " + name);
}

Result<std::string> SshHost::finish(const Command& started, std::string_view what) const {
  Subprocess process = TRY(Subprocess::start(started));
  const Deadline deadline = Clock::now() + kPatience;
  std::string output;
  Subprocess::ReadLine read;
  while ((read = process.read_line(deadline, kMostBytes)).end == Subprocess::ReadEnd::kLine)
    output += read.line + "\n";
  output += read.line;
  const bool ended = process.wait(deadline);
  process.kill_and_reap();
  if (is_lost(process.ending())) return unreachable(process.stderr_tail());
  if (!ended || process.ending() != "exit code 0") {
    return fail(ErrorCode::kRunnerFailed, "{}: '{}' ended with {}: {}", address_.text(),
                display(what, 100), process.ending(), display(process.stderr_tail(), kLastWords));
  }
  return output;
}

}  // namespace nitro::runner
