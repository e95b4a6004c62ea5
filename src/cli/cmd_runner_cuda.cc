#include "cli/verbs.h"
#include "runner/cuda_runner.h"
#include "runner/model_plan.h"

namespace nitro::cli {
namespace {

class RunnerCuda final : public Verb {
 public:
  void declare(Arguments&) override {}
  Result<int> run(Console&) override { return runner::serve_cuda(runner::model_plan); }
};

}  // namespace

std::unique_ptr<Verb> make_runner_cuda() { return std::make_unique<RunnerCuda>(); }

}  // namespace nitro::cli
