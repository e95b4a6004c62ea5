#include "zoo/safetensors.h"

#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "zoo/safetensors_header.h"

namespace nitro::zoo {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

constexpr uint64_t kLengthBytes = 8;

std::optional<DType> float_dtype(std::string_view word) {
  if (word == "F32") return DType::kF32;
  if (word == "F16") return DType::kF16;
  if (word == "BF16") return DType::kBF16;
  return std::nullopt;
}

}  // namespace

Result<SafeTensors> SafeTensors::open(const std::filesystem::path& path) {
  SafeTensors result;
  result.file_ = TRY(open_for_reading(path));
  const uint64_t bytes = TRY(file_size(result.file_));
  TRY(in_context(result.read_header(bytes), display(path.native())));
  return result;
}

Result<SafeTensors> SafeTensors::of_content(std::string_view content, std::string_view name) {
  SafeTensors result;
  result.content_ = content;
  TRY(in_context(result.read_header(content.size()), display(name)));
  return result;
}

Result<void> SafeTensors::read_header(uint64_t bytes) {
  if (bytes < kLengthBytes) {
    return fail(ErrorCode::kBadFile, "{} bytes are too short for a safetensors file", bytes);
  }
  std::array<std::byte, kLengthBytes> length_bytes = {};
  TRY(read_bytes(0, length_bytes));
  const auto length = std::bit_cast<uint64_t>(length_bytes);
  if (length > bytes - kLengthBytes) {
    return fail(ErrorCode::kBadFile,
                "its header claims {} bytes in a file of {}; not a safetensors file, or truncated",
                length, bytes);
  }
  if (length > kMaxHeaderBytes) {
    return fail(ErrorCode::kLimitExceeded, "its header has {} bytes, more than {}", length,
                kMaxHeaderBytes);
  }
  std::string text(length, '\0');
  TRY(read_bytes(kLengthBytes, std::as_writable_bytes(std::span(text))));
  tensors_ = TRY(parse_safetensors_header(text, kLengthBytes + length, bytes));
  return {};
}

/// `offset` and the size of `buffer` must lie within the size that the header was checked with.
Result<void> SafeTensors::read_bytes(uint64_t offset, std::span<std::byte> buffer) const {
  if (file_.valid()) return read_exactly(file_, offset, buffer);
  std::memcpy(buffer.data(), content_.data() + offset, buffer.size());
  return {};
}

Result<Tensor> SafeTensors::read(std::string_view name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    return fail(ErrorCode::kBadModel, "there is no tensor '{}'", display(name));
  }
  const StoredTensor& stored = found->second;
  const auto dtype = float_dtype(stored.dtype);
  if (!dtype) {
    return fail(ErrorCode::kUnsupportedDtype, "tensor '{}' is {}, not F32, F16 or BF16",
                display(name), stored.dtype);
  }
  Tensor tensor({*dtype, stored.shape});
  TRY(read_bytes(stored.offset, tensor.mutable_bytes()));
  if (*dtype == DType::kF32) return tensor;
  Tensor wide({DType::kF32, stored.shape});
  wide.assign(std::span<const double>(tensor.as<double>()));
  return wide;
}

}  // namespace nitro::zoo
