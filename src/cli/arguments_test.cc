#include "cli/arguments.h"

#include <gtest/gtest.h>

namespace nitro::cli {
namespace {

/// An Arguments with one of everything.
struct Everything {
  Everything() {
    arguments.positional("MODEL", "the model", model);
    arguments.flag("--tree", "a flag", tree);
    arguments.option("-o,--output", "a path", output);
    arguments.option("--threads", "a count", threads, 1);
    arguments.option("--duration", "seconds", duration, 0.0);
    arguments.list("--shape", "shapes", shapes);
    arguments.choice("--sort", "order", sort, {"time", "name"});
  }
  Result<void> parse(std::vector<std::string> words) { return arguments.parse(words); }
  Error error(std::vector<std::string> words) {
    const Result<void> result = arguments.parse(words);
    EXPECT_FALSE(result.has_value());
    return result ? Error{} : result.error();
  }

  Arguments arguments{"test", "tests"};
  std::string model;
  bool tree = false;
  std::filesystem::path output = "default";
  int64_t threads = 2;
  double duration = 0.5;
  std::vector<std::string> shapes;
  std::string sort = "time";
};

TEST(Arguments, KeepsDefaultsOfWhatIsNotGiven) {
  Everything all;
  ASSERT_TRUE(all.parse({"m.onnx"}));
  EXPECT_EQ(all.model, "m.onnx");
  EXPECT_EQ(all.output, "default");
  EXPECT_EQ(all.threads, 2);
  EXPECT_EQ(all.sort, "time");
}

TEST(Arguments, TakesEverythingInAnyOrder) {
  Everything all;
  ASSERT_TRUE(all.parse({"--shape", "a=1x2", "--tree", "-o", "-", "m.onnx", "--threads=7", "--sort",
                         "name", "--shape", "b=3", "--duration", "1e-1"}));
  EXPECT_EQ(all.model, "m.onnx");
  EXPECT_TRUE(all.tree);
  EXPECT_EQ(all.output, "-");
  EXPECT_EQ(all.threads, 7);
  EXPECT_EQ(all.duration, 0.1);
  EXPECT_EQ(all.sort, "name");
  EXPECT_EQ(all.shapes, (std::vector<std::string>{"a=1x2", "b=3"}));
}

TEST(Arguments, ListTakesOneWordEachTime) {
  Everything all;
  ASSERT_TRUE(all.parse({"--shape", "a=1", "m.onnx"}));
  EXPECT_EQ(all.model, "m.onnx");
  EXPECT_EQ(all.shapes.size(), 1U);
}

TEST(Arguments, SuggestsTheClosestOption) {
  Everything all;
  const Error error = all.error({"m.onnx", "--thread=3"});
  EXPECT_EQ(error.code, ErrorCode::kUsage);
  EXPECT_NE(error.message.find("--thread"), std::string::npos);
  EXPECT_EQ(error.hint, "did you mean --threads?");
}

TEST(Arguments, NamesAPositionalTooMany) {
  Everything all;
  EXPECT_NE(all.error({"m.onnx", "n.onnx"}).message.find("'n.onnx'"), std::string::npos);
}

TEST(Arguments, RefusesMalformedValues) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"m", "--threads"},
                                             {"m", "--threads", "0"},
                                             {"m", "--threads", "two"},
                                             {"m", "--threads", "1.5"},
                                             {"m", "--threads", "99999999999999999999"},
                                             {"m", "--duration", "nan"},
                                             {"m", "--duration", "inf"},
                                             {"m", "--duration", "-1"},
                                             {"m", "--sort", "size"},
                                             {"m", "--sort", "name", "--sort", "time"},
                                             {"m", "--tree=maybe"}}) {
    Everything all;
    EXPECT_EQ(all.error(words).code, ErrorCode::kUsage) << (words.empty() ? "" : words.back());
  }
}

TEST(Arguments, MessagesAreSafeForATerminal) {
  for (const char* word : {"--\x1b[31m", "\x1b[31m", "--threads=\x1b[31m", "--sort=\x1b[31m"}) {
    Everything all;
    const Error error = all.error({"m.onnx", word});
    EXPECT_EQ(error.message.find('\x1b'), std::string::npos) << error.message;
    EXPECT_EQ(error.hint.find('\x1b'), std::string::npos) << error.hint;
  }
}

TEST(Arguments, WordsAfterTwoDashesAreNoOptions) {
  Everything all;
  ASSERT_TRUE(all.parse({"--", "-m.onnx"}));
  EXPECT_EQ(all.model, "-m.onnx");
}

TEST(Arguments, HelpNeedsNothingElse) {
  Everything all;
  ASSERT_TRUE(all.parse({"--threads", "0", "--help"}));
  EXPECT_TRUE(all.arguments.help_wanted());
  EXPECT_NE(all.arguments.help().find("--threads"), std::string::npos);
}

}  // namespace
}  // namespace nitro::cli
