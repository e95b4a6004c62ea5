#include "runner/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "base/text.h"

extern char** environ;

namespace nitro::runner {
namespace {

struct Ends {
  FileDescriptor ours;
  FileDescriptor theirs;
};

std::unexpected<Error> cannot_start(const Command& command, int error) {
  return fail(ErrorCode::kEnvironment, "cannot start '{}': {}", display(command.arguments[0]),
              std::strerror(error));
}

/// A pipe from the child, our end of which does not block.
bool open_pipe(Ends& ends) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return false;
  ends = {FileDescriptor(fds[0]), FileDescriptor(fds[1])};
  return ::fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0;
}

/// A socket pair for the child's stdin: unlike a pipe it can be written without SIGPIPE.
bool open_socket(Ends& ends) {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return false;
  ends = {FileDescriptor(fds[0]), FileDescriptor(fds[1])};
  return ::fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0;
}

std::vector<std::string> merged_environment(const Command& command) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  for (const auto& [key, value] : command.environment) variables[key] = value;
  std::vector<std::string> entries;
  for (const auto& [key, value] : variables) entries.push_back(key + "=" + value);
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

struct ChildSetup {
  int input;
  int output;
  int errors;
  int failure;  // takes errno where exec fails
  pid_t parent;
  char* const* arguments;
  char* const* environment;
};

/// Only async-signal-safe calls: other threads of the parent may have held any lock at the fork.
[[noreturn]] void become(const ChildSetup& setup) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != setup.parent) ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signal : {SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGCHLD}) ::signal(signal, SIG_DFL);
  if (::dup2(setup.input, 0) == 0 && ::dup2(setup.output, 1) == 1 && ::dup2(setup.errors, 2) == 2) {
    ::execvpe(setup.arguments[0], setup.arguments, setup.environment);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = ::write(setup.failure, &error, sizeof error);
  ::_exit(127);
}

/// errno of a failed exec, or 0: the pipe closes without a word when exec succeeds.
int exec_error(FileDescriptor& failure) {
  int error = 0;
  ssize_t count = 0;
  do {
    count = ::read(failure.get(), &error, sizeof error);
  } while (count < 0 && errno == EINTR);
  return count == sizeof error ? error : 0;
}

}  // namespace

Result<Spawned> spawn(const Command& command) {
  if (command.arguments.empty()) return fail(ErrorCode::kInternal, "a command without a program");
  Ends input, output, errors;
  int failure_fds[2];
  if (!open_socket(input) || !open_pipe(output) || !open_pipe(errors) ||
      ::pipe2(failure_fds, O_CLOEXEC) != 0) {
    return cannot_start(command, errno);
  }
  Ends failure{FileDescriptor(failure_fds[0]), FileDescriptor(failure_fds[1])};

  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = merged_environment(command);
  const std::vector<char*> argument_pointers = pointers(arguments);
  const std::vector<char*> environment_pointers = pointers(environment);
  const ChildSetup setup{input.theirs.get(),         output.theirs.get(), errors.theirs.get(),
                         failure.theirs.get(),       ::getpid(),          argument_pointers.data(),
                         environment_pointers.data()};
  const pid_t pid = ::fork();
  if (pid < 0) return cannot_start(command, errno);
  if (pid == 0) become(setup);
  ::setpgid(pid, pid);  // in both, so that the group exists whoever comes first
  failure.theirs.reset();
  if (const int error = exec_error(failure.ours)) {
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return cannot_start(command, error);
  }
  return Spawned{pid, std::move(input.ours), std::move(output.ours), std::move(errors.ours)};
}

}  // namespace nitro::runner
