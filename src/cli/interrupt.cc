#include "cli/interrupt.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string_view>

#include "base/paths_to_remove.h"

namespace nitro::cli {
namespace {

/// timeout(1) and a shell that ends a job send the same signal to the process and to its group.
constexpr int64_t kSameSignalNs = 100'000'000;

std::atomic<int> noted_signal = 0;
std::atomic<int64_t> noted_at_ns = 0;
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<int64_t>::is_always_lock_free,
              "must be usable in a signal handler");

int64_t now_ns() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

void end_at_once(int signal) {
  remove_noted_paths_at_exit();
  ::_exit(128 + signal);
}

void note_signal(int signal) {
  const int error = errno;
  const int64_t now = now_ns();
  int64_t first = 0;
  if (!noted_at_ns.compare_exchange_strong(first, now)) {
    if (now - first > kSameSignalNs) end_at_once(signal);
    errno = error;
    return;
  }
  noted_signal = signal;
  constexpr std::string_view kWords = "\nnitro: finishing; again to stop at once\n";
  const ssize_t written = ::write(STDERR_FILENO, kWords.data(), kWords.size());
  static_cast<void>(written);
  errno = error;
}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void end_on_signals() {
  for (int signal : {SIGINT, SIGTERM}) handle(signal, end_at_once);
  struct sigaction inherited = {};
  ::sigaction(SIGHUP, nullptr, &inherited);
  if (inherited.sa_handler != SIG_IGN) handle(SIGHUP, end_at_once);  // else nohup
}

void note_signals() {
  for (int signal : {SIGINT, SIGTERM}) handle(signal, note_signal);
}

bool interrupted() { return noted_signal != 0; }

int interrupt_exit_code() { return noted_signal == 0 ? 0 : 128 + noted_signal; }

}  // namespace nitro::cli
