#include "runner/subprocess.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

#include "runner/spawn.h"

namespace nitro::runner {
namespace {

constexpr size_t kStderrTail = 8192;
constexpr size_t kChunk = size_t{64} << 10;

enum class Taken : uint8_t { kSome, kNothingNow, kEnd };

/// Appends what `fd` holds now, at most one chunk.
Taken take(int fd, std::string& target) {
  char chunk[kChunk];
  const ssize_t count = ::read(fd, chunk, sizeof chunk);
  if (count > 0) {
    target.append(chunk, static_cast<size_t>(count));
    return Taken::kSome;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return Taken::kNothingNow;
  return Taken::kEnd;
}

void keep_tail(std::string& text) {
  if (text.size() > kStderrTail) text.erase(0, text.size() - kStderrTail);
}

int milliseconds_until(Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

std::string describe(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
  }
  return fmt::format("exit code {}", WEXITSTATUS(status));
}

}  // namespace

Result<Subprocess> Subprocess::start(const Command& command) {
  Spawned child = TRY(spawn(command));
  return Subprocess(child.pid, std::move(child.input), std::move(child.output),
                    std::move(child.errors));
}

Subprocess::Subprocess(pid_t pid, FileDescriptor input, FileDescriptor output,
                       FileDescriptor errors)
    : pid_(pid), input_(std::move(input)), output_(std::move(output)), errors_(std::move(errors)) {}

Subprocess::Subprocess(Subprocess&& other) noexcept
    : pid_(other.pid_),
      reaped_(std::exchange(other.reaped_, true)),
      output_closed_(other.output_closed_),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      errors_(std::move(other.errors_)),
      received_(std::move(other.received_)),
      searched_(other.searched_),
      stderr_tail_(std::move(other.stderr_tail_)),
      ending_(std::move(other.ending_)) {}

void Subprocess::drain_stderr() {
  while (errors_.valid()) {
    const Taken taken = take(errors_.get(), stderr_tail_);
    keep_tail(stderr_tail_);
    if (taken == Taken::kEnd) errors_.reset();
    if (taken != Taken::kSome) return;
  }
}

bool Subprocess::pump(bool want_to_write, Deadline deadline) {
  // poll() skips entries with a negative descriptor.
  pollfd watched[] = {{output_closed_ ? -1 : output_.get(), POLLIN, 0},
                      {errors_.get(), POLLIN, 0},
                      {want_to_write ? input_.get() : -1, POLLOUT, 0}};
  const int ready = ::poll(watched, std::size(watched), milliseconds_until(deadline));
  if (ready <= 0) return Clock::now() < deadline;
  if (watched[0].revents && take(output_.get(), received_) == Taken::kEnd) output_closed_ = true;
  if (watched[1].revents) drain_stderr();
  return true;
}

bool Subprocess::write_line(std::string_view line, Deadline deadline) {
  const std::string framed = std::string(line) + "\n";
  std::string_view left = framed;
  while (!left.empty() && !reaped_) {
    const ssize_t sent = ::send(input_.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      left.remove_prefix(static_cast<size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return false;
    } else if (!pump(true, deadline)) {
      return false;
    }
  }
  return left.empty();
}

Subprocess::ReadLine Subprocess::read_line(Deadline deadline, size_t max_bytes) {
  while (true) {
    const size_t feed = received_.find('\n', searched_);
    if (feed != std::string::npos && feed <= max_bytes) {
      ReadLine result{ReadEnd::kLine, received_.substr(0, feed)};
      received_.erase(0, feed + 1);
      searched_ = 0;
      return result;
    }
    searched_ = received_.size();
    if (searched_ > max_bytes) return {ReadEnd::kTooLong};
    if (output_closed_ || reaped_) return {ReadEnd::kClosed, received_};
    if (!pump(false, deadline)) return {ReadEnd::kTimeout, received_};
  }
}

void Subprocess::interrupt() {
  if (!reaped_) ::kill(pid_, SIGINT);
}

bool Subprocess::wait(Deadline deadline) {
  constexpr auto kPause = std::chrono::milliseconds(2);
  while (!reaped_) {
    siginfo_t info{};
    // WNOWAIT: while it is not reaped, its id and that of its group cannot belong to others.
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
    if (info.si_pid == pid_) return true;
    if (Clock::now() >= deadline) return false;
    drain_stderr();
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

void Subprocess::kill_and_reap() {
  if (reaped_) return;
  ::kill(-pid_, SIGKILL);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
  ending_ = describe(status);
  drain_stderr();
  input_.reset();
  output_.reset();
  errors_.reset();
}

}  // namespace nitro::runner
