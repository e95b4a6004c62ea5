#include "base/file.h"
#include "base/text.h"
#include "cli/graph_summary.h"
#include "cli/inspect_plan.h"
#include "cli/model_arguments.h"
#include "cli/module_work.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "ir/print.h"
#include "plan/plan_file.h"
#include "report/format.h"

namespace nitro::cli {
namespace {

constexpr int64_t kShownConstantBytes = 64;
constexpr size_t kShownOps = 12;

std::string giga(double value) { return fmt::format("{:.3f}", value / 1e9); }

class Inspect final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    model_.declare(arguments);
    model_.declare_types_by_run(arguments);
    arguments.flag("--ir", "Prints the graph as text, long constants as ...", ir_);
    arguments.flag("--ops", "A table of the ops", ops_);
    arguments.option("--depth", "Levels of the module tree (default 2)", depth_, 0);
    arguments.option("--arch", "Of a plan: kernels for this device (default sm_90)", architecture_);
  }

  Result<int> run(Console& console) override {
    if (plan::is_plan_file(model_.source())) {
      TRY(inspect_plan(console, model_.source(), architecture_));
      return 0;
    }
    if (!architecture_.empty()) {
      return fail(ErrorCode::kUsage, "--arch is for plans: nitro export --plan makes them");
    }
    const ScratchFolder scratch = TRY(ScratchFolder::create("nitro-inspect"));
    const zoo::OpenedModel opened = TRY(model_.open(scratch.path()));
    const Graph& graph = opened.model.graph;
    if (ir_ && !console.json()) {
      console.text(print(graph, {kShownConstantBytes}));
      return 0;
    }
    const auto modules = work_by_module(graph, static_cast<size_t>(depth_));
    const auto ops = work_by_op(graph);
    console.document(document(opened, modules, ops));
    console.text(head(opened) + op_text(ops) + "\n" + module_table(modules));
    for (const std::string& note : opened.model.notes)
      console.text(fmt::format("note: {}\n", display(note)));
    return 0;
  }

 private:
  static std::string values_text(std::string_view word, const Graph& graph,
                                 const std::vector<ValueId>& ids) {
    std::string text;
    for (ValueId id : ids) {
      text += fmt::format("{:<10} {} {}\n", word, display(graph.value(id).name, 60),
                          nitro::text(graph.type(id)));
    }
    return text;
  }

  static std::string head(const zoo::OpenedModel& opened) {
    const Graph& graph = opened.model.graph;
    const GraphSummary summary = summarize(graph);
    return fmt::format("{:<10} {}\n{:<10} {}\n{:<10} {}{}{}\n", "model",
                       display(graph.name.empty() ? "(no name)" : graph.name, 80), "file",
                       display(opened.source, 80), "opset", opened.model.opset,
                       opened.model.producer.empty() ? "" : ", written by ",
                       display(opened.model.producer, 60)) +
           values_text("input", graph, graph.inputs()) +
           values_text("output", graph, graph.outputs()) +
           fmt::format(
               "{:<10} {} nodes in the file, {} after import\n{:<10} {} parameters, {}\n"
               "{:<10} {}\n",
               "graph", report::grouped(static_cast<int64_t>(opened.model.nodes.size())),
               report::grouped(summary.nodes), "weights", report::grouped(summary.parameters),
               report::quantity(static_cast<double>(summary.constant_bytes), "B"), "work",
               report::quantity(summary.flops, "FLOP"));
  }

  std::string op_text(const std::vector<Work>& ops) const {
    if (ops_) {
      Table table({{"OP", Align::kLeft, true},
                   {"NODES", Align::kRight},
                   {"GFLOP", Align::kRight},
                   {"MB", Align::kRight}});
      for (const Work& op : ops) {
        table.add({op.name, report::grouped(op.nodes), giga(op.flops),
                   fmt::format("{:.1f}", op.bytes / 1e6)});
      }
      return "\n" + table.text();
    }
    std::string list;
    for (size_t i = 0; i < std::min(ops.size(), kShownOps); ++i) {
      list += fmt::format("{}{} {}",
                          i == 0               ? ""
                          : i == kShownOps / 2 ? ",\n           "
                                               : ", ",
                          display(ops[i].name, 40), ops[i].nodes);
    }
    if (ops.size() > kShownOps) list += fmt::format(", {} more", ops.size() - kShownOps);
    return fmt::format("{:<10} {}\n", "ops", list);
  }

  static std::string module_table(const std::vector<Work>& modules) {
    Table table({{"MODULE", Align::kLeft, true},
                 {"NODES", Align::kRight},
                 {"PARAMETERS", Align::kRight},
                 {"GFLOP", Align::kRight},
                 {"SHARE", Align::kRight}});
    const double total = modules[0].flops > 0 ? modules[0].flops : 1;
    for (const Work& module : modules) {
      const std::string name = module.name.empty() ? "(all)" : module.name;
      table.add({std::string(2 * module_depth(module.name), ' ') + name,
                 report::grouped(module.nodes), report::grouped(module.parameters),
                 giga(module.flops), report::percent(module.flops / total)});
    }
    return table.text();
  }

  static Json work_json(const std::vector<Work>& list) {
    Json result = Json::array();
    for (const Work& work : list) {
      result.push_back(Json::object({{"name", work.name},
                                     {"nodes", work.nodes},
                                     {"parameters", work.parameters},
                                     {"flops", work.flops},
                                     {"bytes", work.bytes}}));
    }
    return result;
  }

  Json document(const zoo::OpenedModel& opened, const std::vector<Work>& modules,
                const std::vector<Work>& ops) const {
    const Graph& graph = opened.model.graph;
    const GraphSummary summary = summarize(graph);
    Json json = Json::object();
    json["name"] = graph.name;
    json["source"] = opened.source;
    json["opset"] = opened.model.opset;
    json["producer"] = opened.model.producer;
    json["inputs"] = values_json(graph, graph.inputs());
    json["outputs"] = values_json(graph, graph.outputs());
    json["file_nodes"] = opened.model.nodes.size();
    json["nodes"] = summary.nodes;
    json["parameters"] = summary.parameters;
    json["constant_bytes"] = summary.constant_bytes;
    json["flops"] = summary.flops;
    json["ops"] = work_json(ops);
    json["modules"] = work_json(modules);
    json["notes"] = Json::array_of(opened.model.notes);
    if (ir_) json["ir"] = print(graph, {kShownConstantBytes});
    return json;
  }

  ModelArguments model_;
  bool ir_ = false;
  bool ops_ = false;
  std::string architecture_;
  int64_t depth_ = 2;
};

}  // namespace

std::unique_ptr<Verb> make_inspect() { return std::make_unique<Inspect>(); }

}  // namespace nitro::cli
