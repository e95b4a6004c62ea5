#include "zoo/open_model.h"

#include "onnx/export_model.h"
#include "onnx/standalone_model.h"
#include "zoo/zoo.h"

namespace nitro::zoo {

Result<OpenedModel> open_model(const std::string& source, const std::filesystem::path& scratch,
                               const OpenOptions& options) {
  constexpr std::string_view kPrefix = "zoo:";
  OpenedModel opened{source, source, {}};
  if (source.starts_with(kPrefix)) {
    Options zoo_options;
    zoo_options.weights = options.weights;
    const Graph graph = TRY(build(std::string_view(source).substr(kPrefix.size()), zoo_options));
    opened.file = scratch / "zoo.onnx";
    TRY(onnx::write_model(graph, opened.file));
  }
  opened.model = TRY(onnx::import_model(opened.file, options.import));
  // Runners that inline functions choose names of their own, by which no time could be joined; and
  // they refuse links.
  if (opened.file == source && (opened.model.has_functions || options.import.limits.symlinks)) {
    opened.file = scratch / "standalone.onnx";
    TRY(onnx::write_standalone(source, opened.file, {}, options.import.limits));
  }
  return opened;
}

}  // namespace nitro::zoo
