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
  onnx::ImportOptions without_links = options.import;
  without_links.limits.symlinks = false;
  auto imported = onnx::import_model(opened.file, without_links);
  opened.has_links = !imported && imported.error().code == ErrorCode::kBadExternalData &&
                     options.import.limits.symlinks;
  if (opened.has_links) imported = onnx::import_model(opened.file, options.import);
  opened.model = TRY(std::move(imported));
  return opened;
}

Result<std::filesystem::path> runnable_file(const OpenedModel& opened,
                                            const std::filesystem::path& scratch,
                                            const onnx::Limits& limits) {
  // Runners that inline functions choose names of their own, by which no time could be joined; and
  // they refuse links.
  if (!opened.model.has_functions && !opened.has_links) return opened.file;
  const std::filesystem::path file = scratch / "standalone.onnx";
  TRY(onnx::write_standalone(opened.file, file, {}, limits));
  return file;
}

}  // namespace nitro::zoo
