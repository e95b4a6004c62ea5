#include "cli/inspect_plan.h"

#include <algorithm>

#include "base/text.h"
#include "cli/architecture.h"
#include "cli/step_table.h"
#include "plan/plan_file.h"
#include "plan/verify_plan.h"
#include "report/format.h"

namespace nitro::cli {
namespace {

Result<plan::PlanFile> read_sound_plan(const std::filesystem::path& path) {
  plan::PlanFile file = TRY(plan::read_plan(path));
  if (Result<void> sound = in_context(plan::verify(file.plan), display(path.native())); !sound) {
    sound.error().code = ErrorCode::kBadFile;
    return std::unexpected(sound.error());
  }
  return file;
}

Result<cuda::Target> target_for(const plan::PlanFile& file, std::string_view architecture) {
  if (!architecture.empty()) return parse_architecture(architecture);
  return cuda::target_of(file.kernels ? file.kernels->compute_capability : 90);
}

struct Totals {
  double flops = 0;
  double bytes = 0;
};

Totals totals_of(const plan::Plan& plan) {
  Totals totals;
  for (const plan::Step& step : plan.steps) {
    totals.flops += step.cost.flops;
    totals.bytes += step.cost.bytes();
  }
  return totals;
}

std::string_view precision_word(const plan::Plan& plan) {
  return plan.precision == plan::Precision::kF16 ? "f16" : "f32";
}

/// Values between steps that f16 could not hold.
int64_t wide_count(const plan::Plan& plan) {
  if (plan.precision != plan::Precision::kF16) return 0;
  return std::ranges::count_if(plan.buffers, [](const plan::Buffer& buffer) {
    return buffer.kind == plan::Buffer::Kind::kArena && buffer.type.dtype == DType::kF32;
  });
}

std::string precision_text(const plan::Plan& plan) {
  const int64_t wide = wide_count(plan);
  std::string text(precision_word(plan));
  if (wide > 0) text += fmt::format(", and f32 for {} values that it cannot hold", wide);
  return text;
}

std::string ports_text(std::string_view word, const plan::Plan& plan,
                       const std::vector<plan::Port>& ports) {
  std::string lines;
  for (const plan::Port& port : ports) {
    lines += fmt::format("{:<10} {} {}\n", word, display(port.name, 60),
                         text(plan.buffers[port.buffer].type));
  }
  return lines;
}

std::string head(const plan::PlanFile& file, const std::filesystem::path& path,
                 const StepRows& steps) {
  const plan::Plan& plan = file.plan;
  std::string lines = fmt::format("{:<10} {}\n{:<10} {}\n{:<10} {}\n", "plan",
                                  display(plan.name.empty() ? "(no name)" : plan.name, 80), "file",
                                  display(path.native(), 80), "precision", precision_text(plan));
  lines += ports_text("input", plan, plan.inputs) + ports_text("output", plan, plan.outputs);
  const std::string sources =
      file.kernels ? fmt::format("for sm_{} in the file", file.kernels->compute_capability)
                   : std::string("made when the plan is loaded");
  return lines + fmt::format("{:<10} {}; below for {}\n\n", "kernels", sources, steps.architecture);
}

std::string foot(const plan::Plan& plan) {
  const Totals totals = totals_of(plan);
  return fmt::format("\ntotal: {} steps, {}, {} moved, arena {}, constants {}\n", plan.steps.size(),
                     report::quantity(totals.flops, "FLOP"), report::quantity(totals.bytes, "B"),
                     report::quantity(static_cast<double>(plan.arena_bytes), "B"),
                     report::quantity(static_cast<double>(plan.constant_bytes), "B"));
}

Json ports_json(const plan::Plan& plan, const std::vector<plan::Port>& ports) {
  Json list = Json::array();
  for (const plan::Port& port : ports) {
    const TensorType& type = plan.buffers[port.buffer].type;
    list.push_back(Json::object(
        {{"name", port.name}, {"dtype", name(type.dtype)}, {"shape", Json::array_of(type.shape)}}));
  }
  return list;
}

Json document(const plan::PlanFile& file, const std::filesystem::path& path,
              const StepRows& steps) {
  const plan::Plan& plan = file.plan;
  const Totals totals = totals_of(plan);
  Json rows = Json::array();
  for (const StepRow& row : steps.rows) rows.push_back(to_json(row));
  Json json = Json::object();
  json["name"] = plan.name;
  json["source"] = path.native();
  json["precision"] = precision_word(plan);
  json["wide_values"] = wide_count(plan);
  json["architecture"] = steps.architecture;
  json["embedded_kernels"] =
      file.kernels ? Json(fmt::format("sm_{}", file.kernels->compute_capability)) : Json();
  json["inputs"] = ports_json(plan, plan.inputs);
  json["outputs"] = ports_json(plan, plan.outputs);
  json["steps"] = std::move(rows);
  json["totals"] = Json::object({{"steps", plan.steps.size()},
                                 {"flops", totals.flops},
                                 {"bytes", totals.bytes},
                                 {"arena_bytes", plan.arena_bytes},
                                 {"constant_bytes", plan.constant_bytes}});
  json["notes"] = steps.note.empty() ? Json::array() : Json::array({steps.note});
  return json;
}

}  // namespace

Result<void> inspect_plan(Console& console, const std::filesystem::path& path,
                          std::string_view architecture) {
  const plan::PlanFile file = TRY(read_sound_plan(path));
  const cuda::Target target = TRY(target_for(file, architecture));
  console.phase("compiling the kernels");
  const StepRows steps = TRY(step_rows(file.plan, target));
  console.document(document(file, path, steps));
  console.text(head(file, path, steps) + step_table(steps) + foot(file.plan));
  if (!steps.note.empty()) console.text(fmt::format("note: {}\n", steps.note));
  return {};
}

}  // namespace nitro::cli
