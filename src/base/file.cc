#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <random>

#include "base/paths_to_remove.h"
#include "base/text.h"

namespace nitro {
namespace {

std::unexpected<Error> system_error(std::string_view action, const std::filesystem::path& path) {
  const int code = errno;
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "free some disk space, or write elsewhere with -o";
  if (code == EROFS || code == EACCES || code == EPERM) hint = "choose a writable folder with -o";
  return fail_with_hint(
      ErrorCode::kInputOutput,
      fmt::format("cannot {} '{}': {}", action, display(path.native()), std::strerror(code)), hint);
}

Result<void> write_all(int fd, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path);
    content.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<void> commit(const std::filesystem::path& temporary, const std::filesystem::path& path,
                    std::span<const std::string_view> pieces, Overwrite overwrite, Flush flush) {
  FileDescriptor file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file.valid()) return system_error("create", path);
  for (std::string_view piece : pieces) TRY(write_all(file.get(), piece, path));
  if (flush == Flush::kNow && ::fsync(file.get()) != 0 && errno != EINVAL)
    return system_error("write", path);
  file.reset();
  // By its number: glibc has a function for it since 2.28.
  const long renamed = overwrite == Overwrite::kAllow
                           ? ::rename(temporary.c_str(), path.c_str())
                           : ::syscall(SYS_renameat2, AT_FDCWD, temporary.c_str(), AT_FDCWD,
                                       path.c_str(), RENAME_NOREPLACE);
  if (renamed != 0) {
    if (errno == EEXIST) {
      return fail_with_hint(ErrorCode::kUsage, fmt::format("'{}' exists", display(path.native())),
                            "pass --force to replace it");
    }
    return system_error("write", path);
  }
  return {};
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = std::exchange(other.fd_, -1);
  }
  return *this;
}

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<FileDescriptor> open_for_reading(const std::filesystem::path& path) {
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.valid()) return system_error("open", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error("open", path);
  const char* kind = S_ISDIR(status.st_mode)    ? "a folder"
                     : S_ISFIFO(status.st_mode) ? "a FIFO"
                     : S_ISREG(status.st_mode)  ? nullptr
                                                : "a device";
  if (kind) {
    return fail(ErrorCode::kBadFile, "'{}' is {}, not a file", display(path.native()), kind);
  }
  return file;
}

Result<uint64_t> file_size(const FileDescriptor& file) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) {
    return fail(ErrorCode::kInputOutput, "cannot read a file's size: {}", std::strerror(errno));
  }
  return static_cast<uint64_t>(status.st_size);
}

Result<void> read_exactly(const FileDescriptor& file, uint64_t offset,
                          std::span<std::byte> buffer) {
  while (!buffer.empty()) {
    const ssize_t count =
        ::pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(ErrorCode::kInputOutput, "read failed: {}", std::strerror(errno));
    if (count == 0) return fail(ErrorCode::kBadFile, "the file was truncated while it was read");
    buffer = buffer.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return {};
}

Result<std::string> read_file(const std::filesystem::path& path, uint64_t max_bytes) {
  const FileDescriptor file = TRY(open_for_reading(path));
  const uint64_t size = TRY(file_size(file));
  if (size > max_bytes) {
    return fail(ErrorCode::kLimitExceeded, "'{}' has {} bytes, the limit is {}",
                display(path.native()), size, max_bytes);
  }
  std::string content(size, '\0');
  TRY(in_context(read_exactly(file, 0, std::as_writable_bytes(std::span(content))),
                 display(path.native())));
  return content;
}

Result<void> write_file_atomic(const std::filesystem::path& path, std::string_view content,
                               Overwrite overwrite, Flush flush) {
  return write_file_atomic(path, std::span(&content, 1), overwrite, flush);
}

Result<void> write_file_atomic(const std::filesystem::path& path,
                               std::span<const std::string_view> pieces, Overwrite overwrite,
                               Flush flush) {
  const std::filesystem::path folder =
      path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const std::filesystem::path temporary =
      folder / fmt::format(".nitro.{}.{:08x}.tmp", ::getpid(), std::random_device{}());
  note_path(temporary);
  const auto committed = commit(temporary, path, pieces, overwrite, flush);
  if (!committed) ::unlink(temporary.c_str());
  forget_path(temporary);
  if (!committed || flush == Flush::kLater) return committed;
  const FileDescriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.valid()) ::fsync(directory.get());
  return {};
}

Result<ScratchFolder> ScratchFolder::create(std::string_view prefix) {
  std::error_code error;
  const std::filesystem::path base = std::filesystem::temp_directory_path(error);
  if (error) return fail(ErrorCode::kEnvironment, "no temporary folder: {}", error.message());
  std::string name = (base / fmt::format("{}-XXXXXX", prefix)).native();
  // A signal between the two would leave the folder behind.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, &before);
  const bool made = ::mkdtemp(name.data()) != nullptr;
  const int error_number = errno;
  if (made) note_path(name);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error_number;
  if (!made) return system_error("create a folder in", base);
  return ScratchFolder(name);
}

ScratchFolder::~ScratchFolder() {
  if (path_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  forget_path(path_);
}

Result<std::filesystem::path> cache_folder() {
  const char* cache = std::getenv("XDG_CACHE_HOME");
  const char* home = std::getenv("HOME");
  std::filesystem::path folder;
  if (cache && *cache) {
    folder = std::filesystem::path(cache) / "nitro";
  } else if (home && *home) {
    folder = std::filesystem::path(home) / ".cache" / "nitro";
  } else {
    return fail_with_hint(ErrorCode::kEnvironment, "no cache folder", "set HOME or XDG_CACHE_HOME");
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return fail(ErrorCode::kEnvironment, "cannot create '{}': {}", folder.native(),
                error.message());
  }
  return folder;
}

}  // namespace nitro
