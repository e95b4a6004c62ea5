#include "manifest.h"

#include "base/file.h"
#include "base/text.h"

namespace nitro::conformance {

Result<Manifest> read_manifest(const std::filesystem::path& path) {
  const std::string content = TRY(read_file(path));
  Manifest manifest;
  for (const std::string_view line : split(content, '\n')) {
    const size_t space = line.find(' ');
    const size_t colon = line.find(": ");
    if (line.starts_with("pass ")) {
      manifest[std::string(line.substr(space + 1))].passes = true;
    } else if (line.starts_with("unsupported ") && colon != std::string_view::npos) {
      const std::string name(line.substr(space + 1, colon - space - 1));
      manifest[name].unsupported = line.substr(colon + 2);
    } else if (!line.empty()) {
      return fail(ErrorCode::kBadFile, "'{}' is no line of a manifest", display(line));
    }
  }
  return manifest;
}

Result<void> write_manifest(const Manifest& manifest, const std::filesystem::path& path) {
  std::string content;
  for (const auto& [name, outcome] : manifest) {
    content += outcome.passes ? fmt::format("pass {}\n", name)
                              : fmt::format("unsupported {}: {}\n", name, outcome.unsupported);
  }
  return write_file_atomic(path, content);
}

}  // namespace nitro::conformance
