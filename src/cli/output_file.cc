#include "cli/output_file.h"

#include "base/file.h"
#include "base/text.h"
#include "plan/plan_file.h"

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
  const bool recipe = head.starts_with("version = 1\n\n[[step]]\n") || head == "version = 1\n";
  return result || page || model || recipe || plan::is_plan(head);
}

Result<void> check_replaceable(const std::filesystem::path& path, bool force) {
  std::error_code error;
  if (force || path.empty() || path == "-" || !std::filesystem::exists(path, error)) return {};
  const Result<std::string> old = beginning(path);
  if (old && made_by_nitro(*old)) return {};
  return fail_with_hint(ErrorCode::kUsage,
                        fmt::format("{} exists and was not made by Nitro", display(path.native())),
                        "name another file, or add --force");
}

Result<void> write_output(Console& console, const std::filesystem::path& path,
                          std::string_view content, bool force) {
  return write_output(console, path, std::span(&content, 1), force);
}

Result<void> write_output(Console& console, const std::filesystem::path& path,
                          std::span<const std::string_view> pieces, bool force) {
  if (path == "-") {
    for (std::string_view piece : pieces) console.raw(piece);
    return {};
  }
  TRY(check_replaceable(path, force));
  return write_file_atomic(path, pieces);
}

}  // namespace nitro::cli
