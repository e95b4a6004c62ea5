#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runner/subprocess.h"

namespace nitro::runner {

/// Where a board is: "ssh://user@host:port", user and port may be missing.
struct SshAddress {
  std::string user;
  std::string host;
  int64_t port = 0;          // 0: that of ssh's configuration
  std::string text() const;  // as it was given
};

inline constexpr std::string_view kSshScheme = "ssh://";

/// kUsage for what is no such address.
Result<SshAddress> parse_ssh_address(std::string_view text);

/// Commands and files on another machine, by the program ssh as its user configured it (or by the
/// file that NITRO_SSH_CONFIG names), over one connection. Never asks: a machine whose key is not
/// known or that wants a password is kEnvironment, with what to do.
class SshHost {
 public:
  /// Nothing is connected yet.
  static Result<SshHost> create(SshAddress address);
  SshHost(SshHost&& other) noexcept
      : address_(std::move(other.address_)), folder_(std::exchange(other.folder_, {})) {}
  SshHost& operator=(SshHost&&) = delete;
  /// Closes the connection.
  ~SshHost();

  /// What `line`, for the shell there, prints. kEnvironment where the machine cannot be reached,
  /// kRunnerFailed, with its last words, where the command fails.
  Result<std::string> run(const std::string& line) const;
  /// Copies a file there, for the access `mode` of chmod; it is complete or not there under that
  /// name.
  Result<void> upload(const std::filesystem::path& local, const std::string& remote,
                      std::string_view mode = "600") const;
  /// Copies a file from there.
  Result<void> download(const std::string& remote, const std::filesystem::path& local) const;
  /// What starts `line` there with our standard streams.
  Command command(const std::string& line) const;
  const SshAddress& address() const { return address_; }

  /// Whether a process that `command` started ended because the connection did, by its ending.
  static bool is_lost(std::string_view ending) { return ending == "exit code 255"; }
  /// Why ssh gave up, of what it printed.
  std::unexpected<Error> unreachable(std::string_view words) const;

 private:
  SshHost(SshAddress address, std::filesystem::path folder)
      : address_(std::move(address)), folder_(std::move(folder)) {}
  std::vector<std::string> words(const std::string& line) const;
  Result<std::string> finish(const Command& command, std::string_view what,
                             std::chrono::seconds patience) const;

  SshAddress address_;
  std::filesystem::path folder_;  // of the connection's socket
};

}  // namespace nitro::runner
