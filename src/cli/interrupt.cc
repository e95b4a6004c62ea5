#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

#include "base/paths_to_remove.h"

namespace nitro::cli {
namespace {

std::atomic<int> noted_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free, "must be usable in a signal handler");

void end_at_once(int signal) {
  remove_noted_paths_at_exit();
  ::_exit(128 + signal);
}

void note_signal(int signal) {
  const int error = errno;
  if (noted_signal.exchange(signal) != 0) end_at_once(signal);
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
