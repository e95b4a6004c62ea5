#include "base/file.h"
#include "base/text.h"
#include "cli/model_arguments.h"
#include "cli/recipe_arguments.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "cli/written_model.h"

namespace nitro::cli {
namespace {

class Apply final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    model_.declare_types_by_run(arguments);
    recipe_.declare(arguments);
    arguments.option("-o,--output", "The ONNX file to write; - for stdout", output_);
    arguments.flag("--force", "Overwrites a file that Nitro did not make", force_);
  }

  Result<int> run(Console& console) override {
    if (output_.empty()) return fail(ErrorCode::kUsage, "nitro apply needs -o FILE");
    const auto recipe = TRY(recipe_.recipe());
    if (!recipe) {
      return fail_with_hint(ErrorCode::kUsage, "nitro apply needs --recipe FILE or --pass NAME",
                            "nitro passes lists the passes");
    }
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-apply"));
    zoo::OpenedModel opened = TRY(model_.open(scratch.path()));
    const auto results = TRY(optimize::apply(*recipe, opened.model.graph));
    TRY(write_graph(console, opened.model.graph, output_, force_,
                    Json::object({{"steps", steps_json(*recipe, results)}})));
    if (output_ != "-") console.text(steps_table(*recipe, results));
    return 0;
  }

 private:
  static Json steps_json(const optimize::Recipe& recipe,
                         const std::vector<optimize::StepResult>& results) {
    Json list = Json::array();
    for (size_t i = 0; i < results.size(); ++i) {
      list.push_back(Json::object({{"pass", recipe.steps[i].pass},
                                   {"changed", results[i].changed},
                                   {"nodes_before", results[i].nodes_before},
                                   {"nodes_after", results[i].nodes_after},
                                   {"layers", optimize::to_json(results[i].layers)}}));
    }
    return list;
  }

  static std::string steps_table(const optimize::Recipe& recipe,
                                 const std::vector<optimize::StepResult>& results) {
    Table table({{"PASS"}, {"CHANGED"}, {"NODES", Align::kRight}, {"AFTER", Align::kRight}});
    for (size_t i = 0; i < results.size(); ++i) {
      table.add({recipe.steps[i].pass, results[i].changed ? "yes" : "no",
                 std::to_string(results[i].nodes_before), std::to_string(results[i].nodes_after)});
    }
    return table.text() + layers_text(recipe, results);
  }

  /// Of each lossy step, what it made of which module.
  static std::string layers_text(const optimize::Recipe& recipe,
                                 const std::vector<optimize::StepResult>& results) {
    std::string text;
    for (size_t i = 0; i < results.size(); ++i) {
      if (results[i].layers.empty()) continue;
      Table table({{recipe.steps[i].pass},
                   {"BEFORE", Align::kLeft, true},
                   {"AFTER", Align::kLeft, true},
                   {"MFLOP", Align::kRight},
                   {"KB", Align::kRight}});
      for (const optimize::LayerChange& layer : results[i].layers) {
        const auto change = [](double before, double after, double unit) {
          return fmt::format("{:.2f} -> {:.2f}", before / unit, after / unit);
        };
        const auto ops = [](const optimize::LayerWork& work) {
          return work.ops.empty() ? "-" : work.ops;
        };
        table.add({layer.module, ops(layer.before), ops(layer.after),
                   change(layer.before.flops, layer.after.flops, 1e6),
                   change(layer.before.weight_bytes, layer.after.weight_bytes, 1e3)});
      }
      text += "\n" + table.text();
    }
    return text;
  }

  ModelArguments model_;
  RecipeArguments recipe_;
  std::filesystem::path output_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Verb> make_apply() { return std::make_unique<Apply>(); }

}  // namespace nitro::cli
