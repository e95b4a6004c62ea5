#include "cli/written_model.h"

#include "base/sha256.h"
#include "base/text.h"
#include "cli/graph_summary.h"
#include "cli/output_file.h"
#include "onnx/export_model.h"
#include "report/format.h"

namespace nitro::cli {

Result<void> write_graph(Console& console, const Graph& graph, const std::filesystem::path& path,
                         bool force, Json extra, const onnx::ExportTarget* target) {
  if (path == "-" && console.json()) {
    return fail(ErrorCode::kUsage, "--json and -o - both want standard output");
  }
  const onnx::EncodedModel encoded = TRY(onnx::export_model(graph, target));
  const std::vector<std::string_view> pieces = encoded.pieces();
  TRY(write_output(console, path, pieces, force));
  if (path == "-") return {};
  const GraphSummary summary = summarize(graph);
  Sha256 hash;
  for (std::string_view piece : pieces) hash.add(piece);
  Json json = std::move(extra);
  json["file"] = path.native();
  json["sha256"] = to_hex(hash.finish());
  json["bytes"] = encoded.size();
  json["nodes"] = summary.nodes;
  json["parameters"] = summary.parameters;
  console.document(json);
  console.text(fmt::format("wrote {}: {} nodes, {} parameters, {}\n", display(path.native()),
                           report::grouped(summary.nodes), report::grouped(summary.parameters),
                           report::quantity(static_cast<double>(encoded.size()), "B")));
  return {};
}

}  // namespace nitro::cli
