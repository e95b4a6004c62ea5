#include "cli/plan_arguments.h"

#include "base/text.h"
#include "cli/architecture.h"
#include "cuda/program.h"
#include "cuda/specialise.h"
#include "plan/lower.h"
#include "plan/prepare.h"

namespace nitro::cli {
namespace {

Result<plan::EmbeddedKernels> kernels_for(const plan::Plan& plan, const cuda::Target& target) {
  plan::EmbeddedKernels kernels{target.compute_capability, {}};
  const plan::Plan special = cuda::specialise(plan, target);
  for (const plan::Step& step : special.steps) {
    cuda::Program program =
        TRY(in_context(cuda::program_for(special, step, target), "step " + display(step.name, 80)));
    kernels.steps.push_back({step.name, std::move(program.variant), program.grid, program.threads,
                             program.shared_bytes, program.cluster, std::move(program.source)});
  }
  return kernels;
}

}  // namespace

void PlanArguments::declare(Arguments& arguments) {
  arguments.choice("--precision", "Of the values in a plan's memory (default f16)", precision_,
                   {"f16", "f32"});
  arguments.flag("--fp16", "The same as --precision f16", fp16_);
  arguments.option("--arch", "Adds the sources of the kernels for sm_53, sm_87, sm_90, ...",
                   architecture_);
  inputs_.declare(arguments);
}

Result<plan::PlanFile> PlanArguments::make(const Graph& graph) const {
  const bool exact = !fp16_ && precision_ == "f32";
  const Graph prepared = TRY(plan::prepare(graph));
  plan::PlanFile file;
  plan::LowerOptions options{exact ? plan::Precision::kF32 : plan::Precision::kF16};
  if (!exact) {
    const runner::NamedTensors inputs = TRY(inputs_.tensors(prepared));
    std::vector<Tensor>& sample = options.samples.emplace_back();
    for (ValueId input : prepared.inputs()) sample.push_back(inputs.at(prepared.value(input).name));
  }
  file.plan = TRY(plan::lower(prepared, options));
  if (architecture_.empty()) return file;
  file.kernels = TRY(kernels_for(file.plan, TRY(parse_architecture(architecture_))));
  return file;
}

}  // namespace nitro::cli
