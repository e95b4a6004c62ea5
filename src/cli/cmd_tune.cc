#include <fmt/format.h>

#include "base/file.h"
#include "cli/interrupt.h"
#include "cli/model_arguments.h"
#include "cli/verbs.h"
#include "cuda/tune.h"
#include "plan/lower.h"
#include "plan/prepare.h"

namespace nitro::cli {
namespace {

std::string shares(double before, double after) {
  return fmt::format("{:.2f} us by the rules, {:.2f} us tuned: {:.3f}x", before / 1000,
                     after / 1000, before / after);
}

class Tune final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    arguments.choice("--precision", "Of the values in memory (default f16)", precision_,
                     {"f16", "f32"});
  }

  Result<int> run(Console& console) override {
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-tune"));
    const auto device = TRY(cuda::Device::open(0));
    const zoo::OpenedModel opened = TRY(model_.open(scratch.path()));
    const Graph prepared = TRY(plan::prepare(opened.model.graph));
    const bool exact = precision_ == "f32";
    const plan::Plan plan =
        TRY(plan::lower(prepared, {exact ? plan::Precision::kF32 : plan::Precision::kF16}));
    note_signals();
    console.phase("tuning");
    const cuda::Tuned tuned = TRY(cuda::tune(
        plan, {}, [&](const std::string& news) { console.phase(news); }, interrupted));
    const cuda::TuningStore store = cuda::TuningStore::standard(*device);
    TRY(store.add(tuned.tuning));
    console.text(fmt::format(
        "device     {}\nmodel      {}\nrun        {}\nkept       {} of {} tiles tried, in {}\n",
        device->name(), plan.name, shares(tuned.before_ns, tuned.after_ns), tuned.tuning.size(),
        tuned.tried, store.file().string()));
    console.document(Json::object({{"device", device->name()},
                                   {"model", plan.name},
                                   {"before_ns", tuned.before_ns},
                                   {"after_ns", tuned.after_ns},
                                   {"tried", tuned.tried},
                                   {"tuning", TRY(Json::parse(tuned.tuning.text()))},
                                   {"file", store.file().string()}}));
    return interrupt_exit_code();
  }

 private:
  ModelArguments model_;
  std::string precision_ = "f16";
};

}  // namespace

std::unique_ptr<Verb> make_tune() { return std::make_unique<Tune>(); }

}  // namespace nitro::cli
