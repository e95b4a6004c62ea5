#include "cli/verbs.h"
#include "runner/trtexec_front.h"

namespace nitro::cli {
namespace {

class RunnerTrtexec final : public Verb {
 public:
  void declare(Arguments&) override {}
  Result<int> run(Console&) override { return runner::serve_trtexec_front(); }
};

}  // namespace

std::unique_ptr<Verb> make_runner_trtexec() { return std::make_unique<RunnerTrtexec>(); }

}  // namespace nitro::cli
