#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace nitro::cli {
namespace {

std::atomic<int> noted_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free, "must be usable in a signal handler");

void note_signal(int signal) {
  if (noted_signal.exchange(signal) != 0) ::_exit(128 + signal);
}

}  // namespace

void handle_signals() {
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

bool interrupted() { return noted_signal != 0; }

int interrupt_exit_code() { return noted_signal == 0 ? 0 : 128 + noted_signal; }

}  // namespace nitro::cli
