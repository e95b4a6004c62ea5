#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace nitro {

/// An owned file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { reset(); }
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  void reset();

 private:
  int fd_ = -1;
};

/// Opens a regular file for reading. Fails with kInputOutput (missing, permission) or kBadFile
/// (a folder, a device, a FIFO).
Result<FileDescriptor> open_for_reading(const std::filesystem::path& path);

/// Size in bytes of an open regular file.
Result<uint64_t> file_size(const FileDescriptor& file);

/// Fills `buffer` from `offset`; a shorter file is kBadFile ("truncated while it was read").
Result<void> read_exactly(const FileDescriptor& file, uint64_t offset, std::span<std::byte> buffer);

/// The whole of a regular file of at most `max_bytes`.
Result<std::string> read_file(const std::filesystem::path& path,
                              uint64_t max_bytes = uint64_t{1} << 30);

enum class Overwrite : uint8_t { kAllow, kRefuse };
/// kLater, for many files at once, leaves it to the caller to sync: until then a loss of power, but
/// not the end of the process, may leave a file empty.
enum class Flush : uint8_t { kNow, kLater };

/// Writes `content` so that `path` is at any moment absent, old, or complete: a temporary file in
/// the same folder, fsync, rename, fsync of the folder. Never writes through a symlink.
Result<void> write_file_atomic(const std::filesystem::path& path, std::string_view content,
                               Overwrite overwrite = Overwrite::kAllow, Flush flush = Flush::kNow);
/// The same with the content in consecutive pieces.
Result<void> write_file_atomic(const std::filesystem::path& path,
                               std::span<const std::string_view> pieces,
                               Overwrite overwrite = Overwrite::kAllow, Flush flush = Flush::kNow);

/// A new folder under the system's temporary folder, removed with its content on destruction.
class ScratchFolder {
 public:
  static Result<ScratchFolder> create(std::string_view prefix);
  ScratchFolder(ScratchFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ~ScratchFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit ScratchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

/// $XDG_CACHE_HOME/nitro or ~/.cache/nitro, created where missing.
Result<std::filesystem::path> cache_folder();

}  // namespace nitro
