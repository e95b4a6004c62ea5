#include "runner/model_plan.h"

#include "onnx/import_model.h"
#include "plan/lower.h"
#include "plan/plan_file.h"
#include "plan/prepare.h"
#include "plan/wide_values.h"

namespace nitro::runner {

Result<plan::Plan> model_plan(const std::filesystem::path& file, plan::Precision precision,
                              const std::map<std::string, Shape>& shapes) {
  if (plan::is_plan_file(file)) return TRY(plan::read_plan(file)).plan;
  onnx::ImportOptions options;
  options.shapes = shapes;
  onnx::ImportedModel model = TRY(onnx::import_model(file, options));
  const Graph prepared = TRY(plan::prepare(std::move(model.graph)));
  return plan::lower(prepared, {precision, {plan::random_sample(prepared)}});
}

}  // namespace nitro::runner
