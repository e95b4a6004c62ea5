#include <fmt/ranges.h>

#include "base/file.h"
#include "cli/model_arguments.h"
#include "cli/plan_arguments.h"
#include "cli/verbs.h"
#include "cli/written_model.h"
#include "cli/written_plan.h"
#include "passes/legalize.h"

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
    arguments.option("--for", "Writes what an older runtime takes: " + target_names(), target_);
    arguments.flag("--force", "Overwrites a file that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    if (output_.empty()) return fail(ErrorCode::kUsage, "nitro export needs -o FILE");
    if (!plan_ && plan_arguments_.given()) {
      return fail(ErrorCode::kUsage, "--precision, --fp16, --arch and --input need --plan");
    }
    if (plan_ && !target_.empty())
      return fail(ErrorCode::kUsage, "--for is of ONNX files, and --plan writes none");
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-export"));
    const zoo::OpenedModel opened = TRY(model_.open(scratch.path()));
    if (plan_) {
      console.phase("lowering to kernels");
      const plan::PlanFile file = TRY(plan_arguments_.make(opened.model.graph));
      TRY(write_plan_file(console, file, output_, force_));
    } else {
      TRY(write_onnx(console, opened.model.graph));
    }
    return 0;
  }

 private:
  static std::string target_names() {
    std::vector<std::string> names;
    for (const onnx::ExportTarget& target : onnx::export_targets()) names.push_back(target.name);
    return fmt::format("{}", fmt::join(names, ", "));
  }

  Result<void> write_onnx(Console& console, const Graph& graph) const {
    if (target_.empty()) return write_graph(console, graph, output_, force_);
    const onnx::ExportTarget* target = TRY(onnx::find_export_target(target_));
    console.phase("writing in the operators of " + target->name);
    const Graph split = TRY(passes::legalize(graph, *target));
    return write_graph(console, split, output_, force_, Json::object(), target);
  }

  ModelArguments model_;
  PlanArguments plan_arguments_;
  std::filesystem::path output_;
  std::string target_;
  bool plan_ = false;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_export() { return std::make_unique<Export>(); }

}  // namespace nitro::cli
