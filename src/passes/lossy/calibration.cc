#include "passes/lossy/calibration.h"

#include "base/sha256.h"
#include "base/text.h"
#include "onnx/export_model.h"

namespace nitro::passes {

std::string graph_fingerprint(const Graph& graph) {
  const std::vector<std::string> names = onnx::exported_names(graph);
  Sha256 digest;
  for (const Node& node : graph.nodes()) {
    for (ValueId id : node.outputs) {
      if (!names[id].empty()) digest.add(names[id] + " " + text(graph.type(id)) + "\n");
    }
  }
  return to_hex(digest.finish());
}

Result<std::vector<const ValueRecord*>> records_of(const Calibration& calibration,
                                                   const Graph& graph,
                                                   const std::vector<ValueId>& values) {
  const std::vector<std::string> names = onnx::exported_names(graph);
  std::vector<const ValueRecord*> records;
  for (ValueId id : values) {
    const auto found = calibration.values.find(names[id]);
    if (found != calibration.values.end() && found->second.type == graph.type(id)) {
      records.push_back(&found->second);
      continue;
    }
    const bool other = calibration.graph != graph_fingerprint(graph);
    return fail_with_hint(
        ErrorCode::kBadRecipe,
        fmt::format("the calibration of {} {} '{}', {}",
                    display(calibration.source.empty() ? "a model" : calibration.source),
                    other ? "is of another graph, without the value" : "did not watch the value",
                    display(names[id], 80), text(graph.type(id))),
        "nitro calibrate, with the steps of the recipe before this one, makes one that fits");
  }
  return records;
}

}  // namespace nitro::passes
