// A writer that is killed at any moment leaves its target absent, old or complete.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>
#include <string>
#include <thread>

#include "base/file.h"
#include "base/random.h"

namespace nitro {
namespace {

constexpr int kKills = 500;

/// Content that shows where it was cut or mixed with another: one letter, whose length follows.
std::string content(char letter) {
  return std::string(100'000 + 10'000 * static_cast<size_t>(letter - 'a'), letter);
}

[[noreturn]] void write_for_ever(const std::filesystem::path& path) {
  const std::string contents[] = {content('a'), content('b'), content('c')};
  for (size_t i = 0;; ++i) {
    if (!write_file_atomic(path, contents[i % 3])) ::_exit(1);
  }
}

TEST(FileKill, TargetIsAbsentOldOrComplete) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Random random(seed);
  const auto folder = ScratchFolder::create("nitro-kill");
  ASSERT_TRUE(folder.has_value());
  const auto path = folder->path() / "target";
  for (int i = 0; i < kKills; ++i) {
    const bool old = i % 2 == 0;
    if (old) {
      ASSERT_TRUE(write_file_atomic(path, content('d')).has_value());
    } else {
      std::filesystem::remove(path);
    }
    const pid_t writer = ::fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) write_for_ever(path);
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(5'000)));
    ::kill(writer, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed by itself";
    const auto found = read_file(path);
    ASSERT_TRUE(found.has_value() || !old) << "the target vanished, kill " << i;
    if (!found) continue;
    ASSERT_FALSE(found->empty()) << "kill " << i;
    ASSERT_TRUE(*found == content(found->front())) << "size " << found->size() << ", kill " << i;
  }
}

}  // namespace
}  // namespace nitro
