#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "ir/tensor.h"

namespace nitro::zoo {

/// Where a tensor lies in a safetensors file.
struct StoredTensor {
  std::string dtype;  // the format's word: "F32", "BF16", "I64" …
  Shape shape;
  uint64_t offset = 0;  // in bytes, from the start of the file
  uint64_t bytes = 0;
};

/// An open safetensors file, or its content in memory, whose header has been checked: unique names,
/// known dtypes, sizes that fit the shapes, and data that covers the file without hole or overlap.
class SafeTensors {
 public:
  static constexpr uint64_t kMaxHeaderBytes = 100'000'000;
  /// Names in the header, four per tensor.
  static constexpr size_t kMaxHeaderMembers = 50'000;

  /// Fails with kBadFile, kLimitExceeded or kInputOutput, naming the file.
  static Result<SafeTensors> open(const std::filesystem::path& path);

  /// The same of a file's content, which must outlive the result; errors call it `name`.
  static Result<SafeTensors> of_content(std::string_view content, std::string_view name);

  const std::map<std::string, StoredTensor, std::less<>>& tensors() const { return tensors_; }

  /// The tensor `name` converted to f32. Fails with kUnsupportedDtype unless it is stored as F32,
  /// F16 or BF16, and with kBadModel if there is none.
  Result<Tensor> read(std::string_view name) const;

 private:
  SafeTensors() = default;

  Result<void> read_header(uint64_t bytes);
  Result<void> read_bytes(uint64_t offset, std::span<std::byte> buffer) const;

  FileDescriptor file_;       // not valid where the content is in memory
  std::string_view content_;  // of a file in memory
  std::map<std::string, StoredTensor, std::less<>> tensors_;
};

}  // namespace nitro::zoo
