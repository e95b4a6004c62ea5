#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/file.h"

namespace nitro::runner {

using Clock = std::chrono::steady_clock;
using Deadline = Clock::time_point;

/// A program and its arguments, started without a shell.
struct Command {
  std::vector<std::string> arguments;  // [0] is looked up in $PATH where it has no slash
  std::vector<std::pair<std::string, std::string>> environment = {};  // set over our own
};

/// A child in a process group of its own, with pipes at its standard streams. The whole group is
/// killed and reaped on destruction, and the child dies with the thread that started it.
class Subprocess {
 public:
  enum class ReadEnd : uint8_t { kLine, kClosed, kTimeout, kTooLong };
  struct ReadLine {
    ReadEnd end = ReadEnd::kClosed;
    std::string line = {};  // without its line feed; for kClosed and kTimeout what came so far
  };

  /// Fails with kEnvironment where the program cannot be started.
  static Result<Subprocess> start(const Command& command);
  Subprocess(Subprocess&& other) noexcept;
  Subprocess& operator=(Subprocess&&) = delete;
  ~Subprocess() { kill_and_reap(); }

  /// Sends `line` and a line feed. False where the child stopped reading before the deadline.
  bool write_line(std::string_view line, Deadline deadline);
  /// The next line of the child's stdout.
  ReadLine read_line(Deadline deadline, size_t max_bytes);

  /// Sends SIGINT to the child alone.
  void interrupt();
  /// Waits for the child to end by itself; false at the deadline.
  bool wait(Deadline deadline);
  /// Kills the group, reaps the child and reads the rest of its stderr. Does nothing a second time.
  void kill_and_reap();

  pid_t pid() const { return pid_; }
  /// The last bytes of the child's stderr, as received.
  const std::string& stderr_tail() const { return stderr_tail_; }
  /// "exit code 3", "signal 9 (Killed)"; empty before kill_and_reap().
  const std::string& ending() const { return ending_; }

 private:
  Subprocess(pid_t pid, FileDescriptor input, FileDescriptor output, FileDescriptor errors);
  /// Waits for and takes what the streams hold; false at the deadline.
  bool pump(bool want_to_write, Deadline deadline);
  void drain_stderr();

  pid_t pid_ = -1;
  bool reaped_ = false;
  bool output_closed_ = false;
  FileDescriptor input_;
  FileDescriptor output_;
  FileDescriptor errors_;
  std::string received_;
  size_t searched_ = 0;  // bytes of received_ that hold no line feed
  std::string stderr_tail_;
  std::string ending_;
};

}  // namespace nitro::runner
