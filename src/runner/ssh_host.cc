#include "runner/ssh_host.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "base/shell_line.h"
#include "base/text.h"

namespace nitro::runner {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr uintmax_t kSlowestBytesPerSecond = 500'000;
constexpr uintmax_t kMostDownloadBytes = uintmax_t{256} << 20;
constexpr size_t kMostBytes = size_t{16} << 20;
constexpr size_t kLastWords = 300;

constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:%";

/// No option of ssh, and nothing that a shell reads otherwise.
bool is_plain(std::string_view word) {
  return !word.empty() && word[0] != '-' &&
         word.find_first_not_of(kPlain) == std::string_view::npos;
}

std::chrono::seconds patience_for(uintmax_t bytes) {
  return kPatience + std::chrono::seconds(bytes / kSlowestBytesPerSecond);
}

std::string quoted(const std::string& word) { return shell_line(std::array{word}); }

/// What ssh prints, and what its user can do.
struct Trouble {
  std::string_view words;
  std::string_view problem;
  std::string_view hint;
};
constexpr std::array kTroubles = {
    Trouble{"REMOTE HOST IDENTIFICATION HAS CHANGED", "its key is not that of before",
            "find out why; then ssh-keygen -R '{1}' forgets the old one"},
    Trouble{"Host key verification failed", "its key is not known here",
            "compare the key's fingerprint with the board's, then connect once by hand: ssh {0}"},
    Trouble{"Permission denied", "it does not let us in without a password",
            "give it your key: ssh-copy-id {0}"},
    Trouble{"sudo: ", "its clocks cannot be fixed without a password",
            "let {0} do that: in /etc/sudoers.d/jetson_clocks there, USER ALL=(root) NOPASSWD: "
            "/usr/bin/jetson_clocks"},
};

}  // namespace

std::string SshAddress::text() const {
  const std::string bare = host.contains(':') ? "[" + host + "]" : host;
  std::string result = std::string(kSshScheme) + (user.empty() ? "" : user + "@") + bare;
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
  const bool bracketed = rest.starts_with('[') && rest.ends_with(']');
  address.host = bracketed ? rest.substr(1, rest.size() - 2) : rest;
  if (!is_plain(address.host) || (!bracketed && address.host.contains(':'))) return bad();
  return address;
}

Result<SshHost> SshHost::create(SshAddress address) {
  // Not in TMPDIR: the path of a socket is at most 108 bytes.
  std::string folder = "/tmp/nitro-ssh-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr)
    return fail(ErrorCode::kInputOutput, "cannot make a folder in /tmp");
  return SshHost(std::move(address), folder);
}

SshHost::~SshHost() {
  if (folder_.empty()) return;  // moved from
  std::vector<std::string> closing = words("");
  closing.pop_back();
  closing.insert(closing.begin() + 1, {"-O", "exit"});
  (void)finish(Command{closing}, "closing the connection", kPatience);
  std::error_code error;
  std::filesystem::remove_all(folder_, error);
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
  return finish(command(line), line, kPatience);
}

Result<void> SshHost::upload(const std::filesystem::path& local, const std::string& remote,
                             std::string_view mode) const {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(local, error);
  if (error)
    return fail(ErrorCode::kInputOutput, "cannot read {}: {}", local.native(), error.message());
  // The end of a connection looks like the end of the file.
  const std::string line = fmt::format(
      "p={0}.$$ && cat > \"$p\" && test \"$(wc -c < \"$p\")\" -eq {1} && chmod {2} \"$p\" && "
      "mv \"$p\" {0}",
      quoted(remote), size, mode);
  const Command copying{{"sh", "-c", shell_line(words(line)) + " < " + quoted(local.native())}};
  TRY(finish(copying, "copying a file there", patience_for(size)));
  return {};
}

Result<void> SshHost::download(const std::string& remote,
                               const std::filesystem::path& local) const {
  const Command copying{
      {"sh", "-c", shell_line(words("cat " + quoted(remote))) + " > " + quoted(local.native())}};
  TRY(finish(copying, "copying a file from there", patience_for(kMostDownloadBytes)));
  return {};
}

std::unexpected<Error> SshHost::unreachable(std::string_view said) const {
  std::string name = address_.user.empty() ? address_.host : address_.user + "@" + address_.host;
  std::string known = address_.host;  // as ssh lists its keys
  if (address_.port != 0) {
    name = fmt::format("-p {} {}", address_.port, name);
    known = fmt::format("[{}]:{}", address_.host, address_.port);
  }
  for (const Trouble& trouble : kTroubles) {
    if (!said.contains(trouble.words)) continue;
    return fail_with_hint(ErrorCode::kEnvironment,
                          fmt::format("{} cannot be used: {}", address_.text(), trouble.problem),
                          fmt::format(fmt::runtime(trouble.hint), name, known));
  }
  while (said.ends_with('\n') || said.ends_with('\r')) said.remove_suffix(1);
  return fail_with_hint(
      ErrorCode::kEnvironment,
      fmt::format("{} cannot be reached: {}", address_.text(),
                  said.empty() ? "the connection ended" : display(said, kLastWords)),
      "try it by hand: ssh " + name);
}

Result<std::string> SshHost::finish(const Command& started, std::string_view what,
                                    std::chrono::seconds patience) const {
  Subprocess process = TRY(Subprocess::start(started));
  const Deadline deadline = Clock::now() + patience;
  std::string output;
  Subprocess::ReadLine read;
  while ((read = process.read_line(deadline, kMostBytes)).end == Subprocess::ReadEnd::kLine)
    output += read.line + "\n";
  output += read.line;
  const bool ended = process.wait(deadline);
  process.kill_and_reap();
  if (is_lost(process.ending())) return unreachable(process.stderr_tail());
  if (!ended) {
    return fail(ErrorCode::kEnvironment, "{}: '{}' took longer than {} s", address_.text(),
                display(what, 100), patience.count());
  }
  if (process.ending() != "exit code 0") {
    return fail(ErrorCode::kRunnerFailed, "{}: '{}' ended with {}: {}", address_.text(),
                display(what, 100), process.ending(), display(process.stderr_tail(), kLastWords));
  }
  return output;
}

}  // namespace nitro::runner
