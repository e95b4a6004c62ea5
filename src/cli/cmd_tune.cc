#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/model_arguments.h"
#include "cli/verbs.h"
#include "cuda/shipped_tuning.h"
#include "cuda/tune.h"
#include "plan/lower.h"
#include "plan/prepare.h"
#include "plan/wide_values.h"

namespace nitro::cli {
namespace {

/// "3 tiles".
std::string counted(size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string products_text(const cuda::Tuned& tuned) {
  if (tuned.products == 0)
    return "none that can be computed in several ways on this GPU: nothing to try";
  std::string text = fmt::format("{}, {} tried", counted(tuned.products, "different product"),
                                 counted(tuned.tried, "tile"));
  if (tuned.tried_products < tuned.products) {
    text += fmt::format("; interrupted, {} left untried",
                        counted(tuned.products - tuned.tried_products, "product"));
  }
  return text;
}

std::string kept_text(const cuda::Tuned& tuned) {
  if (tuned.tuning.size() == 0)
    return tuned.tried == 0 ? "nothing" : "nothing: no tile made the whole run faster";
  return fmt::format("{}, used from now on wherever this GPU computes these products",
                     counted(tuned.tuning.size(), "faster tile"));
}

std::string text(const std::string& device, const std::string& model, const cuda::Tuned& tuned,
                 const cuda::TuningStore& store) {
  std::string text = fmt::format("device     {}\nmodel      {}\nproducts   {}\n",
                                 display(device, 80), display(model, 80), products_text(tuned));
  if (tuned.failed > 0) {
    text += fmt::format("failed     {}; the first: {}\n", counted(tuned.failed, "tile"),
                        display(tuned.failure, 400));
  }
  return text + fmt::format(
                    "run        {:.2f} us before, {:.2f} us tuned: {:.3f}x\n"
                    "kept       {}\n"
                    "file       {}: {} with those of earlier searches\n",
                    tuned.before_ns / 1000, tuned.after_ns / 1000, tuned.before_ns / tuned.after_ns,
                    kept_text(tuned), display(store.file().string(), 400),
                    counted(store.load().size(), "tile"));
}

Result<Json> document(const std::string& device, const std::string& model, const cuda::Tuned& tuned,
                      const cuda::TuningStore& store) {
  Json tuning = TRY(Json::parse(tuned.tuning.text()));
  Json json = Json::object({{"device", device},
                            {"model", model},
                            {"before_ns", tuned.before_ns},
                            {"after_ns", tuned.after_ns},
                            {"products", tuned.products},
                            {"tried_products", tuned.tried_products},
                            {"tried", tuned.tried},
                            {"failed", tuned.failed},
                            {"kept", tuned.tuning.size()},
                            {"interrupted", interrupted()},
                            {"file", store.file().string()}});
  if (tuned.failed > 0) json["failure"] = tuned.failure;
  json["tuning"] = std::move(tuning);
  return json;
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
        TRY(plan::lower(prepared, {exact ? plan::Precision::kF32 : plan::Precision::kF16,
                                   {plan::random_sample(prepared)}}));
    const cuda::TuningStore store = cuda::TuningStore::standard(*device);
    TRY(in_context(store.add({}), "the tuning cannot be kept"));  // before minutes are spent on it
    note_signals();
    console.phase("measuring a run as it is");
    const cuda::EngineOptions options{
        .tuning = std::make_shared<cuda::Tuning>(cuda::shipped_tuning(device->target()))};
    const cuda::Tuned tuned = TRY(cuda::tune(
        plan, options, [&](const std::string& news) { console.phase(news); }, interrupted));
    TRY(in_context(store.add(tuned.tuning), "the tuning cannot be kept"));
    console.text(text(device->name(), plan.name, tuned, store));
    console.document(TRY(document(device->name(), plan.name, tuned, store)));
    return interrupt_exit_code();
  }

 private:
  ModelArguments model_;
  std::string precision_ = "f16";
};

}  // namespace

std::unique_ptr<Verb> make_tune() { return std::make_unique<Tune>(); }

}  // namespace nitro::cli
