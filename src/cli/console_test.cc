#include "cli/console.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>

namespace nitro::cli {
namespace {

struct Written {
  std::string out;
  std::string err;
};

std::string content(std::FILE* file) {
  std::string text;
  std::array<char, 4096> buffer;
  std::rewind(file);
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), file))
    text.append(buffer.data(), count);
  std::fclose(file);
  return text;
}

Written written(ConsoleSetup setup, const std::function<void(Console&)>& use) {
  setup.out = std::tmpfile();
  setup.err = std::tmpfile();
  {
    Console console(setup);
    use(console);
    EXPECT_TRUE(console.finish());
  }
  return {content(setup.out), content(setup.err)};
}

TEST(Console, PhasesAreLinesWhereStderrIsNoTerminal) {
  const Written result = written({}, [](Console& console) {
    console.phase("one");
    console.phase("two\x1b");
  });
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "nitro: one\nnitro: two\\x1b\n");
}

TEST(Console, ShortWorkShowsNoProgressOnATerminal) {
  ConsoleSetup setup;
  setup.err_terminal = true;
  // Ends at once, long before half a second is over: nothing waits for the clock.
  const Written result = written(setup, [](Console& console) { console.phase("one"); });
  EXPECT_EQ(result.err, "");
}

TEST(Console, TextAndDocumentExcludeEachOther) {
  const auto both = [](Console& console) {
    console.text("text\n");
    console.document(Json::object({{"a", 1}}));
  };
  EXPECT_EQ(written({}, both).out, "text\n");
  ConsoleSetup json;
  json.json = true;
  EXPECT_EQ(written(json, both).out, "{\n \"schema_version\": 1,\n \"a\": 1\n}\n");
}

TEST(Console, ErrorsNeverReachTheTerminalRaw) {
  Error error{ErrorCode::kBadModel, "bad \x1b[2J name\nsecond", {"file"}, "do \x07 that"};
  const Written result = written({}, [&](Console& console) { console.report(error); });
  EXPECT_EQ(result.err, "nitro: error: file: bad \\x1b[2J name\nsecond\nhint: do \\x07 that\n");
}

TEST(Console, ColoursOnlyWhereAsked) {
  ConsoleSetup setup;
  setup.err_colour = true;
  const auto report = [](Console& console) { console.report({ErrorCode::kBadFile, "x"}); };
  EXPECT_EQ(written({}, report).err.find('\x1b'), std::string::npos);
  EXPECT_NE(written(setup, report).err.find("\x1b[1;31merror:\x1b[0m x"), std::string::npos);
}

TEST(Console, BugsAskToBeReported) {
  const Written result =
      written({}, [](Console& console) { console.report({ErrorCode::kInternal, "unexpected"}); });
  EXPECT_NE(result.err.find("report it"), std::string::npos);
}

}  // namespace
}  // namespace nitro::cli
