#include "cli/verbs.h"
#include "runner/ssh_runner.h"

namespace nitro::cli {
namespace {

class RunnerSsh final : public Verb {
 public:
  void declare(Arguments&) override {}
  Result<int> run(Console&) override { return runner::serve_ssh(); }
};

}  // namespace

std::unique_ptr<Verb> make_runner_ssh() { return std::make_unique<RunnerSsh>(); }

}  // namespace nitro::cli
