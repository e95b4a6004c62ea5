#include "runner/client.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "runner/find_python.h"
#include "runner/registry.h"

namespace nitro::runner {
namespace {

using namespace std::chrono_literals;

Command fake(const std::string& mode, const std::string& extra = "") {
  return {
      {find_python({}).native(), NITRO_SOURCE_DIR "/tests/runners/fake_runner.py", mode, extra}};
}

Patience short_patience() {
  return {.answer = 60'000ms, .bye = 60'000ms, .max_line_bytes = 100'000};
}

/// Whether the process is gone, or is a zombie that its new parent has yet to reap.
bool is_gone(pid_t pid) {
  for (int attempt = 0; attempt < 5000; ++attempt) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string number, name, state;
    if (!(stat >> number >> name >> state) || state == "Z" || state == "X") return true;
    std::this_thread::sleep_for(2ms);
  }
  return false;
}

void expect_failed(const Error& error, const std::string& words) {
  EXPECT_EQ(error.code, ErrorCode::kRunnerFailed) << error.text();
  EXPECT_EQ(exit_code(error.code), 4);
  EXPECT_NE(error.text().find(words), std::string::npos) << error.text();
  EXPECT_EQ(error.text().find('\x1b'), std::string::npos);
}

struct Lie {
  const char* mode;
  const char* words;
};

TEST(Client, FailuresAtHello) {
  for (const Lie& lie :
       {Lie{"exit_at_once", "exit code 7; its last words: cannot \\x1b[31mimport"},
        Lie{"garbage", "no reply: 'Loading weights"}, Lie{"huge_line", "more than 100000 bytes"},
        Lie{"endless_line", "more than 100000 bytes"},
        Lie{"wrong_id", "answered request 2 instead of 1"}, Lie{"no_ok", "without 'ok'"},
        Lie{"missing_field", "lied: 'version' is missing"},
        Lie{"wrong_type", "'version' is not text"}, Lie{"other_protocol", "speaks protocol 99"}}) {
    SCOPED_TRACE(lie.mode);
    const auto runner = Runner::start("fake", fake(lie.mode), short_patience());
    ASSERT_FALSE(runner.has_value());
    expect_failed(runner.error(), lie.words);
  }
}

TEST(Client, MissingProgramIsTheEnvironment) {
  const auto runner = Runner::start("fake", {{"/nonexistent/python"}});
  ASSERT_FALSE(runner.has_value());
  EXPECT_EQ(runner.error().code, ErrorCode::kEnvironment);
}

TEST(Client, FailuresAtLoadLeaveNothing) {
  for (const Lie& lie : {Lie{"die_on_load", "signal 9 (Killed); its last words: the last words"},
                         Lie{"exit_on_load", "exit code 3"}, Lie{"deep", "no reply"},
                         Lie{"negative_extent", "the extent -1"},
                         Lie{"progress_of_another", "answered request 7 instead of 2"},
                         Lie{"error_without_code", "'error' is not an object"},
                         Lie{"close_stdout", "closed its output and was killed"}}) {
    SCOPED_TRACE(lie.mode);
    pid_t pid = 0;
    std::filesystem::path scratch;
    {
      auto runner = Runner::start("fake", fake(lie.mode), short_patience());
      ASSERT_TRUE(runner.has_value()) << runner.error().text();
      pid = runner->pid();
      scratch = runner->scratch();
      EXPECT_TRUE(std::filesystem::exists(scratch));
      const auto loaded = runner->load("m.onnx");
      ASSERT_FALSE(loaded.has_value());
      expect_failed(loaded.error(), lie.words);
      EXPECT_EQ(::kill(pid, 0), -1) << "the runner must be dead already";
      expect_failed(runner->load("m.onnx").error(), "has ended");
    }
    EXPECT_FALSE(std::filesystem::exists(scratch));
  }
}

TEST(Client, ProgressIsPassedOn) {
  std::vector<std::string> said;
  Patience patience = short_patience();
  patience.progress = [&](const std::string& text) { said.push_back(text); };
  auto runner = Runner::start("fake", fake("progress"), patience);
  ASSERT_TRUE(runner.has_value());
  EXPECT_TRUE(runner->load("m.onnx").has_value());
  EXPECT_EQ(said, (std::vector<std::string>{"half", "most \\x1b[31m of it"}));
}

TEST(Client, HangIsKilledWithItsChildren) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  const auto note = folder.path() / "pid";
  auto runner = Runner::start("fake", fake("hang", note), {.answer = 3000ms});
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  const auto loaded = runner->load("m.onnx");
  ASSERT_FALSE(loaded.has_value());
  expect_failed(loaded.error(), "did not answer within 3000 ms and was killed");
  EXPECT_EQ(::kill(runner->pid(), 0), -1);
  pid_t grandchild = 0;
  if (std::ifstream(note) >> grandchild) {
    EXPECT_TRUE(is_gone(grandchild));
  }
}

TEST(Client, DestructionKills) {
  pid_t pid = 0;
  {
    auto runner = Runner::start("fake", fake("good"));
    ASSERT_TRUE(runner.has_value());
    pid = runner->pid();
  }
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(Client, RunnerDiesWithNitro) {
  int fds[2];
  ASSERT_EQ(::pipe(fds), 0);
  const pid_t nitro = ::fork();
  if (nitro == 0) {
    const auto runner = Runner::start("fake", fake("good"));
    const pid_t pid = runner ? runner->pid() : -1;
    const bool told = ::write(fds[1], &pid, sizeof pid) == sizeof pid;
    if (runner) std::filesystem::remove(runner->scratch());
    ::_exit(told ? 0 : 1);  // without destructors, as when it is killed
  }
  pid_t pid = -1;
  ASSERT_EQ(::read(fds[0], &pid, sizeof pid), ssize_t{sizeof pid});
  int status = 0;
  ASSERT_EQ(::waitpid(nitro, &status, 0), nitro);
  ASSERT_GT(pid, 0);
  EXPECT_TRUE(is_gone(pid));
  ::close(fds[0]);
  ::close(fds[1]);
}

TEST(Client, BlameOfTheModelKeepsTheRunner) {
  auto runner = Runner::start("fake", fake("blame_model"), short_patience());
  ASSERT_TRUE(runner.has_value());
  const auto loaded = runner->load("m.onnx");
  ASSERT_FALSE(loaded.has_value());
  EXPECT_EQ(loaded.error().code, ErrorCode::kBadModel);
  EXPECT_EQ(loaded.error().text(), "runner fake: load: no \\x1b[31mgood");
  EXPECT_EQ(loaded.error().hint, "export again");
  EXPECT_TRUE(runner->bye().has_value());
}

TEST(Client, FullStderrBlocksNobody) {
  auto runner = Runner::start("fake", fake("flood_stderr"), short_patience());
  ASSERT_TRUE(runner.has_value());
  EXPECT_TRUE(runner->load("m.onnx").has_value());
}

TEST(Client, LiesAboutOutputs) {
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  for (const Lie& lie :
       {Lie{"wrong_shape", "returned f32[3] for the output 'y'"},
        Lie{"wrong_dtype", "returned i64[2] for the output 'y'"},
        Lie{"cut_file", "unusable output 'y'"}, Lie{"no_file", "unusable output 'y'"},
        Lie{"no_output", "did not return the output 'y'"},
        Lie{"outside", "outside the scratch folder"}, Lie{"climb", "outside the scratch folder"},
        Lie{"link", "outside the scratch folder"}}) {
    SCOPED_TRACE(lie.mode);
    auto runner = Runner::start("fake", fake(lie.mode, folder.path() / "victim"), short_patience());
    ASSERT_TRUE(runner.has_value());
    ASSERT_TRUE(runner->load("m.onnx").has_value());
    const auto outputs = runner->run({1, {}});
    ASSERT_FALSE(outputs.has_value());
    expect_failed(outputs.error(), lie.words);
  }
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "victim")) << "the link's target is kept";
}

TEST(Client, LiesAboutTimes) {
  for (const Lie& lie :
       {Lie{"zero_time", "'samples_ns'"}, Lie{"fraction_time", "'samples_ns'"},
        Lie{"no_samples", "no samples"}, Lie{"few_stamps", "2 samples but 1"},
        Lie{"stamps_backwards", "run backwards"}, Lie{"more_variants", "timed 2 variants of 1"}}) {
    SCOPED_TRACE(lie.mode);
    auto runner = Runner::start("fake", fake(lie.mode), short_patience());
    ASSERT_TRUE(runner.has_value());
    const auto timed = runner->time({{{1, {}}}});
    ASSERT_FALSE(timed.has_value());
    expect_failed(timed.error(), lie.words);
  }
}

TEST(Client, LiesAboutTheProfileAndTheEnd) {
  auto runner = Runner::start("fake", fake("good"), short_patience());
  ASSERT_TRUE(runner.has_value());
  expect_failed(runner->profile({1, {}}, 2).error(), "node 'n' has 1 times for 2 iterations");

  auto staying = Runner::start("fake", fake("stay"), {.bye = 500ms});
  ASSERT_TRUE(staying.has_value());
  expect_failed(staying->bye().error(), "did not end");
  EXPECT_EQ(::kill(staying->pid(), 0), -1);

  auto grumbling = Runner::start("fake", fake("bad_exit"), short_patience());
  ASSERT_TRUE(grumbling.has_value());
  expect_failed(grumbling->bye().error(), "exit code 4");
}

/// Patience of one who interrupts once `interrupted` is true.
Patience until(const bool& interrupted, std::chrono::milliseconds stopping) {
  Patience patience = short_patience();
  patience.interrupted = [&] { return interrupted; };
  patience.stopping = stopping;
  return patience;
}

TEST(Client, AnInterruptedTimeEndsWithWhatThereIs) {
  bool interrupted = false;
  auto runner = Runner::start("fake", fake("stops_early"), until(interrupted, 60'000ms));
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  interrupted = true;
  const auto timed = runner->time({{{1, {}}}});
  EXPECT_TRUE(timed.has_value()) << timed.error().text();
  EXPECT_TRUE(runner->bye().has_value()) << "it may still say goodbye";
}

TEST(Client, AnInterruptedTimeThatDoesNotEndIsKilled) {
  for (const char* mode : {"ignores_signal", "dies_of_signal"}) {
    SCOPED_TRACE(mode);
    bool interrupted = false;
    auto runner = Runner::start("fake", fake(mode), until(interrupted, 300ms));
    ASSERT_TRUE(runner.has_value()) << runner.error().text();
    interrupted = true;
    const auto timed = runner->time({{{1, {}}}});
    ASSERT_FALSE(timed.has_value());
    EXPECT_EQ(timed.error().code, ErrorCode::kInterrupted) << timed.error().text();
    EXPECT_EQ(::kill(runner->pid(), 0), -1);
  }
}

TEST(Client, AnyOtherInterruptedRequestEndsAtOnce) {
  bool interrupted = false;
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  auto runner =
      Runner::start("fake", fake("hang", folder.path() / "pid"), until(interrupted, 60'000ms));
  ASSERT_TRUE(runner.has_value()) << runner.error().text();
  interrupted = true;
  EXPECT_EQ(runner->load("m.onnx").error().code, ErrorCode::kInterrupted);
  EXPECT_EQ(::kill(runner->pid(), 0), -1);
  expect_failed(runner->load("m.onnx").error(), "was stopped");
}

TEST(Client, GoodRunner) {
  auto runner = Runner::start("fake", fake("good"), short_patience());
  ASSERT_TRUE(runner.has_value());
  ASSERT_TRUE(runner->load("m.onnx").has_value());
  const auto outputs = runner->run({1, {}});
  ASSERT_TRUE(outputs.has_value()) << outputs.error().text();
  EXPECT_EQ(text(outputs->at("y").type()), "f32[2]");
  EXPECT_TRUE(std::filesystem::is_empty(runner->scratch())) << "outputs are removed once read";
  EXPECT_EQ(runner->time({{{1, {}}}})->variants[0].cold_ns, 3);
  EXPECT_TRUE(runner->bye().has_value());
  expect_failed(runner->unload(1).error(), "was sent away");
}

}  // namespace
}  // namespace nitro::runner
