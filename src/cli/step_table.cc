#include "cli/step_table.h"

#include "base/text.h"
#include "cli/table.h"
#include "cuda/compile_programs.h"
#include "cuda/find_nvrtc.h"
#include "cuda/specialise.h"
#include "ir/common_module.h"
#include "plan/kernel_json.h"
#include "runner/python_packages.h"

namespace nitro::cli {
namespace {

StepRow describe(const plan::Plan& plan, const plan::Step& step) {
  StepRow row;
  row.name = step.name;
  row.family = plan::family(step.kernel);
  row.flops = step.cost.flops;
  row.bytes = step.cost.bytes();
  for (OriginId origin : step.origins) row.origins.push_back(plan.origins[origin].node);
  row.module = common_module(step.origins, plan.origins);
  return row;
}

bool has_maxwell_code(const cuda::Target& target) { return target.compute_capability < 70; }

Result<void> compile(StepRows& steps, const cuda::Target& target) {
  const cuda::Nvrtc nvrtc = TRY(cuda::find_nvrtc({.compute_capability = target.compute_capability,
                                                  .driver_version = 0,
                                                  .package_folders = runner::python_packages()}));
  std::vector<cuda::Program> programs;
  for (const StepRow& row : steps.rows) programs.push_back(row.program);
  const cuda::CompiledPrograms compiled = TRY(cuda::compile_programs(
      programs, nvrtc, target.compute_capability, cuda::CubinCache::standard()));
  for (size_t i = 0; i < steps.rows.size(); ++i) {
    const auto kernels = TRY(cuda::cubin_info(compiled.binaries[compiled.binary_of[i]]));
    for (const cuda::KernelResources& kernel : kernels) {
      if (kernel.name == "step") steps.rows[i].resources = kernel;
    }
    if (!has_maxwell_code(target)) continue;
    steps.rows[i].loop = cuda::hottest_loop(
        TRY(cuda::kernel_code(compiled.binaries[compiled.binary_of[i]], "step")));
  }
  return {};
}

std::string launch_text(const cuda::Program& program) {
  std::string grid = std::to_string(program.grid[0]);
  if (program.grid[1] > 1 || program.grid[2] > 1) grid += fmt::format("x{}", program.grid[1]);
  if (program.grid[2] > 1) grid += fmt::format("x{}", program.grid[2]);
  return fmt::format("{} * {}", grid, program.threads);
}

int64_t shared_bytes(const StepRow& row) {
  return row.program.shared_bytes + (row.resources ? row.resources->shared_bytes : 0);
}

/// Errors of the compiler bring its whole log.
std::string first_line(const std::string& text) {
  return display(text.substr(0, text.find('\n')), 300);
}

/// "-" where it is not known.
template <class Number>
std::string or_dash(const std::optional<cuda::KernelResources>& resources,
                    Number cuda::KernelResources::*member) {
  return resources ? std::to_string((*resources).*member) : "-";
}

}  // namespace

Result<StepRows> step_rows(const plan::Plan& plan, const cuda::Target& target) {
  const plan::Plan special = cuda::specialise(plan, target);
  StepRows steps{{}, fmt::format("sm_{}", target.compute_capability)};
  for (const plan::Step& step : special.steps) {
    StepRow row = describe(special, step);
    row.program =
        TRY(in_context(cuda::program_for(special, step, target), "step " + display(step.name, 80)));
    steps.rows.push_back(std::move(row));
  }
  if (const Result<void> compiled = compile(steps, target); !compiled) {
    steps.note = "registers and spills are not known: " + first_line(compiled.error().text());
    if (!compiled.error().hint.empty()) steps.note += " (" + compiled.error().hint + ")";
  }
  return steps;
}

std::string step_table(const StepRows& steps) {
  Table table({{"STEP", Align::kLeft, true},
               {"KERNEL", Align::kLeft, true},
               {"LAUNCH", Align::kRight},
               {"SH.KIB", Align::kRight},
               {"REGS", Align::kRight},
               {"SPILL", Align::kRight},
               {"MFLOP", Align::kRight},
               {"MB", Align::kRight},
               {"MODULE", Align::kLeft, true}});
  for (const StepRow& row : steps.rows) {
    table.add({row.name, row.program.variant, launch_text(row.program),
               fmt::format("{:.1f}", static_cast<double>(shared_bytes(row)) / 1024),
               or_dash(row.resources, &cuda::KernelResources::registers),
               or_dash(row.resources, &cuda::KernelResources::local_bytes),
               fmt::format("{:.1f}", row.flops / 1e6), fmt::format("{:.2f}", row.bytes / 1e6),
               row.module});
  }
  return table.text();
}

Json to_json(const StepRow& row) {
  const auto known = [&](int64_t cuda::KernelResources::*member) {
    return row.resources ? Json((*row.resources).*member) : Json();
  };
  const auto share = [&](int64_t cuda::InstructionMix::*member) {
    if (!row.loop) return Json();
    return Json(static_cast<double>((*row.loop).*member) / static_cast<double>(row.loop->all));
  };
  return Json::object(
      {{"name", row.name},
       {"family", row.family},
       {"variant", row.program.variant},
       {"grid", Json::array_of(row.program.grid)},
       {"threads", row.program.threads},
       {"cluster", row.program.cluster},
       {"shared_bytes", shared_bytes(row)},
       {"registers", known(&cuda::KernelResources::registers)},
       {"local_bytes", known(&cuda::KernelResources::local_bytes)},
       {"loop_multiply_adds", share(&cuda::InstructionMix::multiply_adds)},
       {"loop_integer_multiplies", share(&cuda::InstructionMix::integer_multiplies)},
       {"flops", row.flops},
       {"bytes", row.bytes},
       {"module", row.module},
       {"origins", Json::array_of(row.origins)}});
}

}  // namespace nitro::cli
