#include "base/shell_line.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <vector>

namespace nitro {
namespace {

std::string line(const std::vector<std::string>& words) { return shell_line(words); }

TEST(ShellLine, PlainWordsStayAsTheyAre) {
  EXPECT_EQ(line({"nitro", "profile", "zoo:vit", "--shape", "x=1x3", "-o", "a/b.json"}),
            "nitro profile zoo:vit --shape x=1x3 -o a/b.json");
  EXPECT_EQ(line({}), "");
}

/// What sh makes of `words`, one a line.
std::string taken_apart(const std::vector<std::string>& words) {
  std::FILE* shell = ::popen(("printf '%s\\n' " + line(words)).c_str(), "r");
  std::string output;
  std::array<char, 4096> buffer;
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), shell))
    output.append(buffer.data(), count);
  ::pclose(shell);
  return output;
}

TEST(ShellLine, TheShellSeesTheSameWords) {
  for (const char* word : {"", "two words", "it's", "$HOME", "`id`", "a\\b", "\"x\"", "*", "~", "#",
                           "a;b", "a&b", "-n", "größe", "''", "!x", "x\ty"}) {
    EXPECT_EQ(taken_apart({"first", word, "last"}), "first\n" + std::string(word) + "\nlast\n");
  }
}

}  // namespace
}  // namespace nitro
