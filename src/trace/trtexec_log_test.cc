#include "trace/trtexec_log.h"

#include <gtest/gtest.h>

namespace nitro::trace {
namespace {

TEST(TrtexecLog, SaysItsVersion) {
  const auto version = [](std::string_view word) {
    const auto found = logged_version(
        fmt::format("&&&& RUNNING TensorRT.trtexec [TensorRT {}] # trtexec --help\n", word));
    return found ? text(*found) : "none";
  };
  EXPECT_EQ(version("v8001"), "8.0.1");
  EXPECT_EQ(version("v8201"), "8.2.1");
  EXPECT_EQ(version("v8503"), "8.5.3");
  EXPECT_EQ(version("v100001"), "10.0.1");
  EXPECT_EQ(version("v101303] [b9"), "10.13.3");
  for (const std::string_view word : {"v", "v12", "v82x1", "v-8201", "v99999999999999999999"})
    EXPECT_EQ(version(word), "none") << word;
  EXPECT_FALSE(logged_version("&&&& RUNNING TensorRT.trtexec # ./trtexec").has_value());
  EXPECT_FALSE(logged_version("").has_value());
}

TEST(TrtexecLog, VersionsAreReadBack) {
  EXPECT_EQ(parse_tensorrt_version("8.2.1"), (TensorrtVersion{8, 2, 1}));
  for (const std::string_view word : {"", "8.2", "8.2.1.0", "8.x.1", "8.2.-1", "8.2.1000"})
    EXPECT_FALSE(parse_tensorrt_version(word).has_value()) << word;
}

// After public logs of TensorRT 8.2 and 8.4.
TEST(TrtexecLog, NamesTheNodeThatIsRefused) {
  const Error error = logged_error(
      "[12/07/2021-23:53:58] [I] [TRT] Searching for plugin: SplitToSequence\n"
      "[12/07/2021-23:53:58] [E] [TRT] 3: getPluginCreator could not find plugin: SplitToSequence\n"
      "[12/07/2021-23:53:58] [E] [TRT] ModelImporter.cpp:773: While parsing node number 1026 "
      "[SplitToSequence -> \"1661\"]:\n"
      "[12/07/2021-23:53:58] [E] [TRT] ModelImporter.cpp:774: --- Begin node ---\n"
      "[12/07/2021-23:53:58] [E] [TRT] ModelImporter.cpp:775: input: \"a\"\n"
      "output: \"1661\"\nname: \"Split_1026\"\nop_type: \"SplitToSequence\"\nattribute {\n"
      "  name: \"axis\"\n  i: 0\n}\n\n"
      "[12/07/2021-23:53:58] [E] [TRT] ModelImporter.cpp:776: --- End node ---\n"
      "[12/07/2021-23:53:58] [E] [TRT] ModelImporter.cpp:779: ERROR: builtin_op_importers.cpp:4870 "
      "In function importFallbackPluginImporter:\n"
      "[8] Assertion failed: creator && \"Plugin not found\"\n"
      "[12/07/2021-23:53:58] [E] Failed to parse onnx file\n",
      "exit code 1");
  EXPECT_EQ(error.code, ErrorCode::kUnsupportedOp);
  EXPECT_EQ(error.message,
            "TensorRT does not take the node 'Split_1026' (SplitToSequence): [8] Assertion failed: "
            "creator && \"Plugin not found\"");
  EXPECT_FALSE(error.hint.empty());
}

TEST(TrtexecLog, QuotesTheFirstErrorThatSaysSomething) {
  const auto message = [](std::string_view log, std::string_view ending) {
    return logged_error(log, ending).message;
  };
  EXPECT_EQ(
      message("[1/1/2022-1:1:1] [E] Engine set up failed\n[1/1/2022-1:1:1] [E] Unknown option: "
              "--x \n",
              "exit code 1"),
      "trtexec ended with exit code 1: Unknown option: --x ");
  EXPECT_EQ(
      message("&&&& RUNNING x\nCuda failure: no CUDA-capable device is detected\n",
              "signal 6 (Aborted)"),
      "trtexec ended with signal 6 (Aborted): Cuda failure: no CUDA-capable device is detected");
  EXPECT_EQ(message("", "exit code 127"), "trtexec ended with exit code 127");
}

TEST(TrtexecLog, KnowsALackOfMemory) {
  EXPECT_EQ(logged_error("[E] [TRT] 2: OutOfMemory (no further information)\n", "exit code 1").code,
            ErrorCode::kOutOfMemory);
  EXPECT_EQ(logged_error("", "signal 9 (Killed)").code, ErrorCode::kOutOfMemory);
  EXPECT_EQ(logged_error("terminate called after throwing 'std::bad_alloc'", "signal 6").code,
            ErrorCode::kOutOfMemory);
  EXPECT_EQ(logged_error("[1/1/2022-1:1:1] [W] [TRT] Tactic skipped: out of memory\n"
                         "[1/1/2022-1:1:1] [E] Unknown option: --x\n",
                         "exit code 1")
                .code,
            ErrorCode::kRunnerFailed);
}

TEST(TrtexecLog, StandsWhatIsCutOff) {
  for (const std::string_view log :
       {"While parsing node number ", "While parsing node number 1 [",
        "While parsing node number 1 [Op", "While parsing node number 1 [Op -> \"y", "[E] ",
        "x: While parsing node number 1 [a]:\nname: \""})
    EXPECT_FALSE(logged_error(log, "exit code 1").message.empty()) << log;
}

}  // namespace
}  // namespace nitro::trace
