#include "cli/verbs.h"
#include "runner/cuda_runner.h"

namespace nitro::cli {
namespace {

class RunnerCuda final : public Verb {
 public:
  void declare(Arguments&) override {}
  Result<int> run(Console&) override { return runner::serve_cuda(); }
};

}  // namespace

std::unique_ptr<Verb> make_runner_cuda() { return std::make_unique<RunnerCuda>(); }

}  // namespace nitro::cli
