#include "base/file.h"
#include "cli/model_arguments.h"
#include "cli/plan_arguments.h"
#include "cli/verbs.h"
#include "cli/written_model.h"
#include "cli/written_plan.h"

namespace nitro::cli {
namespace {

class Export final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    model_.declare_types_by_run(arguments);
    arguments.option("-o,--output", "The file to write; - for stdout", output_);
    arguments.flag("--plan", "Writes a plan for the CUDA engine instead of ONNX", plan_);
    plan_arguments_.declare(arguments);
    arguments.flag("--force", "Overwrites a file that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    if (output_.empty()) return fail(ErrorCode::kUsage, "nitro export needs -o FILE");
    if (!plan_ && plan_arguments_.given()) {
      return fail(ErrorCode::kUsage, "--precision, --fp16, --arch and --input need --plan");
    }
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-export"));
    const zoo::OpenedModel opened = TRY(model_.open(scratch.path()));
    if (plan_) {
      console.phase("lowering to kernels");
      const plan::PlanFile file = TRY(plan_arguments_.make(opened.model.graph));
      TRY(write_plan_file(console, file, output_, force_));
    } else {
      TRY(write_graph(console, opened.model.graph, output_, force_));
    }
    return 0;
  }

 private:
  ModelArguments model_;
  PlanArguments plan_arguments_;
  std::filesystem::path output_;
  bool plan_ = false;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_export() { return std::make_unique<Export>(); }

}  // namespace nitro::cli
