#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <array>

#include "base/file.h"
#include "cli/verbs.h"
#include "base/version.h"

namespace nitro::cli {
namespace {

struct Outcome {
  int code = 0;
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

Outcome run(std::vector<std::string> words, bool json = false) {
  ConsoleSetup setup;
  setup.out = std::tmpfile();
  setup.err = std::tmpfile();
  setup.json = json;
  Outcome outcome;
  {
    Console console(setup);
    outcome.code = run_command(words, console);
  }
  outcome.out = content(setup.out);
  outcome.err = content(setup.err);
  return outcome;
}

TEST(CommandLine, ResultGoesToStdoutAlone) {
  const Outcome outcome = run({"zoo", "list"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_NE(outcome.out.find("edgevl-vit-b"), std::string::npos);
  EXPECT_EQ(outcome.err, "");
}

TEST(CommandLine, JsonIsOneDocumentWithItsVersion) {
  const Outcome outcome = run({"zoo", "list", "--json"}, true);
  const auto json = Json::parse(outcome.out);
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("schema_version").as_integer(), 1);
  EXPECT_GE(json->at("models").size(), 4U);
}

TEST(CommandLine, FailureIsADocumentTooAndStillNamedOnStderr) {
  const Outcome outcome = run({"inspect", "/absent.onnx", "--json"}, true);
  EXPECT_EQ(outcome.code, exit_code(ErrorCode::kInputOutput));
  const auto json = Json::parse(outcome.out);
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("schema_version").as_integer(), 1);
  EXPECT_EQ(json->at("error").at("code").as_string(), "input_output");
  EXPECT_NE(json->at("error").at("message").as_string().find("/absent.onnx"), std::string::npos);
  EXPECT_TRUE(outcome.err.starts_with("nitro: error: ")) << outcome.err;
}

TEST(CommandLine, UnknownVerbsGetASuggestion) {
  const Outcome outcome = run({"inspct"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "nitro: error: nitro has no verb 'inspct'\nhint: did you mean 'inspect'?\n");
}

TEST(CommandLine, FirstWordOfTwoListsTheSecond) {
  EXPECT_NE(run({"zoo"}).err.find("export, list"), std::string::npos);
  EXPECT_EQ(run({"zoo", "lst"}).code, 2);
}

TEST(CommandLine, NoVerbIsAUsageError) { EXPECT_EQ(run({}).code, 2); }

TEST(CommandLine, SaysItsVersion) {
  EXPECT_EQ(run({"--version"}).out, fmt::format("nitro {}\n", kVersion));
}

TEST(CommandLine, VersionIsThatOfTheProject) {
  const auto text = read_file(std::filesystem::path(NITRO_SOURCE_DIR) / "CMakeLists.txt");
  ASSERT_TRUE(text);
  EXPECT_NE(text->find(fmt::format("project(nitro VERSION {} ", kVersion)), std::string::npos);
}

TEST(CommandLine, EveryVerbExplainsItself) {
  for (const VerbRow& row : all_verbs()) {
    std::vector<std::string> words = {"help"};
    const size_t space = row.name.find(' ');
    words.emplace_back(row.name.substr(0, space));
    if (space != std::string_view::npos) words.emplace_back(row.name.substr(space + 1));
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.code, 0) << row.name;
    EXPECT_NE(outcome.out.find(row.summary), std::string::npos) << row.name;
  }
}

TEST(CommandLine, HiddenVerbsAreNotShown) {
  EXPECT_EQ(overview().find("runner reference"), std::string::npos);
  EXPECT_NE(overview().find("zoo list"), std::string::npos);
}

TEST(CommandLine, AFullDiskIsNoticed) {
  std::FILE* full = std::fopen("/dev/full", "w");
  if (!full) GTEST_SKIP() << "no /dev/full";
  ConsoleSetup setup;
  setup.out = full;
  setup.err = std::tmpfile();
  {
    Console console(setup);
    const std::vector<std::string> words = {"passes"};
    EXPECT_EQ(run_command(words, console), exit_code(ErrorCode::kInputOutput));
  }
  EXPECT_NE(content(setup.err).find("cannot write the result"), std::string::npos);
  std::fclose(full);
}

}  // namespace
}  // namespace nitro::cli
