#include "cli/output_file.h"

#include "base/file.h"
#include "base/text.h"

namespace nitro::cli {
namespace {

/// Nitro's mark is within so many bytes of the start.
constexpr size_t kMarkedBytes = 4096;

Result<std::string> beginning(const std::filesystem::path& path) {
  const FileDescriptor file = TRY(open_for_reading(path));
  std::string content(std::min<uint64_t>(TRY(file_size(file)), kMarkedBytes), '\0');
  TRY(read_exactly(file, 0, std::as_writable_bytes(std::span(content))));
  return content;
}

}  // namespace

bool made_by_nitro(std::string_view content) {
  const std::string_view head = content.substr(0, kMarkedBytes);
  const bool result = head.starts_with("{") && head.contains("\"nitro_version\"");
  const bool page = head.starts_with("<!doctype html>") && head.contains("Nitro report</title>");
  const bool model = head.substr(0, 64).contains("\x12\x05nitro");  // ModelProto.producer_name
  const bool recipe = head.starts_with("version = 1\n\n[[step]]\n");
  return result || page || model || recipe;
}

Result<void> write_output(Console& console, const std::filesystem::path& path,
                          std::string_view content, bool force) {
  if (path == "-") {
    console.raw(content);
    return {};
  }
  std::error_code error;
  if (!force && std::filesystem::exists(path, error)) {
    const Result<std::string> old = beginning(path);
    if (!old || !made_by_nitro(*old)) {
      return fail_with_hint(
          ErrorCode::kUsage,
          fmt::format("{} exists and was not made by Nitro", display(path.native())),
          "name another file, or add --force");
    }
  }
  return write_file_atomic(path, content);
}

}  // namespace nitro::cli
