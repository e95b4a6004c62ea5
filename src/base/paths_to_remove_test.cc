#include "base/paths_to_remove.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/file.h"

namespace nitro {
namespace {

TEST(PathsToRemove, GoWithAProcessThatEndsWithoutItsDestructors) {
  const ScratchFolder base = ScratchFolder::create("nitro-test").value();
  const auto noted = base.path() / "noted", forgotten = base.path() / "forgotten";
  std::filesystem::create_directories(noted / "inner");
  std::filesystem::create_directories(forgotten);
  const pid_t child = ::fork();
  if (child == 0) {
    forget_path(base.path());  // inherited
    note_path(noted);
    note_path(forgotten);
    forget_path(forgotten);
    remove_noted_paths_at_exit();
    ::_exit(std::filesystem::exists(noted) ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "not before the end";
  while (std::filesystem::exists(noted)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_TRUE(std::filesystem::exists(forgotten));
}

}  // namespace
}  // namespace nitro
