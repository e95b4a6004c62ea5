#include "cli/eval_model.h"

#include "base/text.h"

namespace nitro::cli {

Result<EvalModel> open_eval_model(const std::string& source, const std::filesystem::path& scratch,
                                  const zoo::OpenOptions& open, const eval::PortOptions& options) {
  EvalModel model{TRY(zoo::open_model(source, scratch, open)), {}, {}};
  model.file = TRY(zoo::runnable_file(model.opened, scratch, open.import.limits));
  model.calls =
      TRY(in_context(eval::model_calls(model.opened.model.graph, options), display(source)));
  return model;
}

}  // namespace nitro::cli
