#include "base/paths_to_remove.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <mutex>
#include <string_view>

namespace nitro {
namespace {

/// Fixed storage: a signal handler reads it.
struct Slot {
  std::atomic<bool> used = false;
  std::array<char, 512> path;
};

std::array<Slot, 32> slots;
std::mutex mutex;

}  // namespace

void note_path(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex);
  for (Slot& slot : slots) {
    if (slot.used || path.native().size() >= slot.path.size()) continue;
    slot.path.fill('\0');
    path.native().copy(slot.path.data(), slot.path.size() - 1);
    slot.used = true;
    return;
  }
}

void forget_path(const std::filesystem::path& path) {
  const std::lock_guard lock(mutex);
  for (Slot& slot : slots) {
    if (slot.used && std::string_view(slot.path.data()) == path.native()) slot.used = false;
  }
}

void remove_noted_paths_at_exit() {
  // Twice, for what a dying runner writes in between.
  static char sh[] = "sh", option[] = "-c",
              script[] = "rm -rf -- \"$@\"; sleep 1; rm -rf -- \"$@\"";
  std::array<char*, slots.size() + 5> words = {sh, option, script, sh};
  size_t count = 4;
  for (Slot& slot : slots) {
    if (slot.used) words[count++] = slot.path.data();
  }
  if (count == 4) return;
  const pid_t parent = ::getpid();
  if (::_Fork() != 0) return;
  ::setsid();  // another signal from the terminal does not reach it
  // Runners die with this process.
  while (::getppid() == parent) ::poll(nullptr, 0, 1);
  ::execv("/bin/sh", words.data());
  ::_exit(127);
}

}  // namespace nitro
