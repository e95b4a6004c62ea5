#include "cli/verbs.h"
#include "runner/reference_runner.h"

namespace nitro::cli {
namespace {

class RunnerReference final : public Verb {
 public:
  void declare(Arguments&) override {}
  Result<int> run(Console&) override { return runner::serve_reference(); }
};

}  // namespace

std::unique_ptr<Verb> make_runner_reference() { return std::make_unique<RunnerReference>(); }

}  // namespace nitro::cli
