#include "onnx/external_data.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/text.h"

namespace nitro::onnx {
namespace {

constexpr size_t kMaxLocationBytes = 4096;

Result<uint64_t> parse_size(std::string_view key, std::string_view text, uint64_t fallback) {
  if (text.empty()) return fallback;
  int64_t value = 0;
  if (!parse_integer(text, value)) {
    return fail(ErrorCode::kBadExternalData, "{} is not a number: '{}'", key, display(text));
  }
  if (value < 0) return fail(ErrorCode::kBadExternalData, "{} must be >= 0, got {}", key, value);
  return static_cast<uint64_t>(value);
}

/// For kernels without openat2: component by component, refusing "..", a leading "/" and all
/// symlinks.
int open_by_components(int folder, std::string_view location) {
  FileDescriptor current(::fcntl(folder, F_DUPFD_CLOEXEC, 0));
  std::vector<std::string_view> parts;
  for (std::string_view part : split(location, '/')) {
    if (part == "..") return errno = EXDEV, -1;
    if (!part.empty() && part != ".") parts.push_back(part);
  }
  if (location.starts_with('/') || parts.empty()) return errno = EXDEV, -1;
  for (size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::string part(parts[i]);
    FileDescriptor next(
        ::openat(current.get(), part.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!next.valid()) return -1;
    current = std::move(next);
  }
  const std::string last(parts.back());
  return ::openat(current.get(), last.c_str(),
                  O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int open_beneath(int folder, const std::string& location, bool symlinks) {
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (symlinks ? 0 : RESOLVE_NO_SYMLINKS);
  const long opened = ::syscall(SYS_openat2, folder, location.c_str(), &how, sizeof how);
  if (opened < 0 && errno == ENOSYS) return open_by_components(folder, location);
  return static_cast<int>(opened);
}

Result<FileDescriptor> open_location(const FileDescriptor& folder, const std::string& location,
                                     bool symlinks) {
  if (location.empty())
    return fail(ErrorCode::kBadExternalData, "external data has an empty location");
  if (location.size() > kMaxLocationBytes || location.contains('\0')) {
    return fail(ErrorCode::kBadExternalData, "external data location '{}' is not a file name",
                display(location));
  }
  FileDescriptor file(open_beneath(folder.get(), location, symlinks));
  if (file.valid()) return file;
  const std::string shown = display(location);
  switch (errno) {
    case EXDEV:
      return fail(ErrorCode::kBadExternalData, "external data '{}' lies outside the model's folder",
                  shown);
    case ELOOP:
      return fail_with_hint(ErrorCode::kBadExternalData,
                            fmt::format("external data '{}' is or passes a symbolic link", shown),
                            "--allow-symlinks follows links that stay beneath the model's folder");
    case ENOENT:
    case ENOTDIR:
      return fail_with_hint(ErrorCode::kBadExternalData,
                            fmt::format("external data '{}' does not exist", shown),
                            "put the file beside the model");
    default:
      return fail(ErrorCode::kBadExternalData, "external data '{}' cannot be opened: {}", shown,
                  std::strerror(errno));
  }
}

}  // namespace

Result<Tensor> read_external_data(const FileDescriptor& folder, const ExternalReference& reference,
                                  TensorType type, const Limits& limits, std::string& note) {
  const auto needed = static_cast<uint64_t>(type.bytes());
  const uint64_t offset = TRY(parse_size("offset", reference.offset, 0));
  const uint64_t length = TRY(parse_size("length", reference.length, needed));
  const FileDescriptor file = TRY(open_location(folder, reference.location, limits.symlinks));
  const std::string shown = display(reference.location);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kBadExternalData, "external data '{}' is {}, not a file", shown,
                S_ISDIR(status.st_mode)    ? "a folder"
                : S_ISFIFO(status.st_mode) ? "a FIFO"
                                           : "a device");
  }
  if (status.st_nlink > 1) {
    note = fmt::format("external data '{}' is a hard link", shown);
    if (!limits.hard_links) return fail(ErrorCode::kBadExternalData, "{}", note);
  }
  const auto available = static_cast<uint64_t>(status.st_size);
  if (offset > available || length > available - offset) {
    return fail(ErrorCode::kBadExternalData,
                "external data '{}' has {} bytes, {} at offset {} are asked for", shown, available,
                length, offset);
  }
  if (length != needed) {
    return fail(ErrorCode::kBadExternalData, "external data '{}' gives {} bytes, {} needs {}",
                shown, length, text(type), needed);
  }
  Tensor tensor(std::move(type));
  TRY(in_context(read_exactly(file, offset, tensor.mutable_bytes()), shown));
  return tensor;
}

}  // namespace nitro::onnx
