#include "base/file.h"
#include "cli/model_arguments.h"
#include "cli/verbs.h"
#include "cli/written_model.h"

namespace nitro::cli {
namespace {

class Export final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    model_.declare_types_by_run(arguments);
    arguments.option("-o,--output", "The ONNX file to write; - for stdout", output_);
    arguments.flag("--force", "Overwrites a file that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    if (output_.empty()) return fail(ErrorCode::kUsage, "nitro export needs -o FILE");
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-export"));
    const zoo::OpenedModel opened = TRY(model_.open(scratch.path()));
    TRY(write_graph(console, opened.model.graph, output_, force_));
    return 0;
  }

 private:
  ModelArguments model_;
  std::filesystem::path output_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_export() { return std::make_unique<Export>(); }

}  // namespace nitro::cli
