// nitro-agent: the runner `cuda` for plans, and trtexec for what it takes, as one program for boards
// that have nothing of Nitro.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "base/version.h"
#include "plan/plan_file.h"
#include "runner/cuda_runner.h"
#include "runner/trtexec_runner.h"

namespace {

using namespace nitro;

constexpr std::string_view kHelp =
    "usage: nitro-agent [trtexec | --help | --version]\n"
    "Executes plans on this machine's NVIDIA GPU. Without an argument it answers the requests of\n"
    "Nitro's runner protocol, one line of JSON each, on stdin until 'bye' or its end.\n"
    "\n"
    "trtexec      the same with TensorRT's trtexec, for the ONNX files that Nitro writes for it\n"
    "\n"
    "NITRO_NVRTC  the libnvrtc.so that compiles the kernels, instead of the one it finds\n"
    "NITRO_CUPTI  the libcupti.so that times kernels, likewise\n"
    "NITRO_TRTEXEC  the trtexec, instead of that of $PATH or of JetPack\n";

/// The plan of a file, which has a precision and shapes of its own.
Result<plan::Plan> read_plan(const std::filesystem::path& file, plan::Precision,
                             const std::map<std::string, Shape>&) {
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error) && !plan::is_plan_file(file)) {
    return fail_with_hint(ErrorCode::kBadFile,
                          "the model is no plan, and nitro-agent runs only plans",
                          "make one where Nitro is: nitro export MODEL --plan -o model.plan");
  }
  return TRY(plan::read_plan(file)).plan;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view word = argc == 2 ? argv[1] : "";
  if (argc == 1) return runner::serve_cuda(read_plan);
  if (word == "trtexec") return runner::serve_trtexec();
  if (word == "--help" || word == "-h") {
    fmt::print("{}", kHelp);
    return 0;
  }
  if (word == "--version") {
    fmt::print("nitro-agent {}\n", kVersion);
    return 0;
  }
  fmt::print(stderr, "nitro-agent: error: it takes no arguments but trtexec, --help and --version\n");
  return 2;
}
