#include "cli/interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

#include "base/folders_to_remove.h"

namespace nitro::cli {
namespace {

std::atomic<int> noted_signal = 0;
static_assert(std::atomic<int>::is_always_lock_free, "must be usable in a signal handler");

void note_signal(int signal) {
  if (noted_signal.exchange(signal) != 0) {
    remove_noted_folders_at_exit();
    ::_exit(128 + signal);
  }
  constexpr std::string_view kWords = "\nnitro: finishing; again to stop at once\n";
  if (::write(STDERR_FILENO, kWords.data(), kWords.size()) < 0) return;
}

}  // namespace

void note_signals() {
  struct sigaction action = {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() { return noted_signal != 0; }

int interrupt_exit_code() { return noted_signal == 0 ? 0 : 128 + noted_signal; }

}  // namespace nitro::cli
