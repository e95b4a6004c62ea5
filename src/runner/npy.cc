#include "runner/npy.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>

#include "base/file.h"
#include "base/text.h"
#include "runner/npy_header.h"

namespace nitro::runner {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr uint64_t kMaxFile = uint64_t{4} << 30;
constexpr size_t kMaxHeader = size_t{64} << 10;
constexpr size_t kAlignment = 64;

struct Row {
  std::string_view descr;
  DType dtype;
};
constexpr std::array kRows = {
    Row{"<f4", DType::kF32},  Row{"<f2", DType::kF16}, Row{"<V2", DType::kBF16},
    Row{"<f8", DType::kF64},  Row{"|i1", DType::kI8},  Row{"|u1", DType::kU8},
    Row{"<i4", DType::kI32},  Row{"<i8", DType::kI64}, Row{"|b1", DType::kBool},
    Row{"|V2", DType::kBF16},
};

uint32_t little_endian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

Result<DType> dtype_of(std::string_view descr) {
  for (const Row& row : kRows) {
    if (row.descr == descr) return row.dtype;
  }
  return fail(ErrorCode::kUnsupportedDtype, "the .npy file holds '{}'", display(descr, 40));
}

/// Reorders `bytes`, the Fortran order of `type`, to row-major.
std::string row_major(const TensorType& type, std::string_view bytes) {
  const auto width = static_cast<size_t>(size_of(type.dtype));
  const size_t rank = type.shape.size();
  std::string result(bytes.size(), '\0');
  std::vector<int64_t> index(rank, 0);
  const std::vector<int64_t> strides = strides_of(type.shape);
  for (size_t source = 0; source < bytes.size(); source += width) {
    int64_t target = 0;
    for (size_t axis = 0; axis < rank; ++axis) target += index[axis] * strides[axis];
    std::memcpy(result.data() + static_cast<size_t>(target) * width, bytes.data() + source, width);
    for (size_t axis = 0; axis < rank && ++index[axis] == type.shape[axis]; ++axis) index[axis] = 0;
  }
  return result;
}

}  // namespace

Result<Tensor> parse_npy(std::string content) {
  const std::string_view view = content;
  if (!view.starts_with(kMagic) || view.size() < 10) {
    return fail(ErrorCode::kBadFile, "not a .npy file");
  }
  const int major = static_cast<unsigned char>(view[6]);
  if (major < 1 || major > 3) return fail(ErrorCode::kBadFile, ".npy format {} is unknown", major);
  const size_t length_size = major == 1 ? 2 : 4;
  const size_t start = 8 + length_size;
  if (view.size() < start) return fail(ErrorCode::kBadFile, "the .npy header is cut off");
  const size_t length = little_endian(view.substr(8, length_size));
  if (length > kMaxHeader || view.size() - start < length) {
    return fail(ErrorCode::kBadFile, "the .npy header of {} bytes is cut off", length);
  }
  const NpyHeader header = TRY(parse_npy_header(view.substr(start, length)));
  const DType dtype = TRY(dtype_of(header.descr));
  TRY(check_shape(header.shape, dtype));
  const TensorType type{dtype, header.shape};
  std::string bytes = content.substr(start + length);
  if (bytes.size() != static_cast<size_t>(type.bytes())) {
    return fail(ErrorCode::kBadFile, "the .npy file holds {} bytes of data, {} needs {}",
                bytes.size(), text(type), type.bytes());
  }
  if (dtype == DType::kBool &&
      std::ranges::any_of(bytes, [](char c) { return c != 0 && c != 1; })) {
    return fail(ErrorCode::kBadFile, "the .npy file holds a bool that is neither 0 nor 1");
  }
  if (header.fortran_order) bytes = row_major(type, bytes);
  return Tensor::adopt(type, std::move(bytes));
}

Result<Tensor> read_npy(const std::filesystem::path& path) {
  std::string content = TRY(read_file(path, kMaxFile));
  return in_context(parse_npy(std::move(content)), display(path.native()));
}

Result<void> write_npy(const std::filesystem::path& path, const Tensor& tensor, Flush flush) {
  const auto* row = std::ranges::find(kRows, tensor.dtype(), &Row::dtype);
  std::string shape;
  for (const int64_t extent : tensor.shape()) shape += fmt::format("{}, ", extent);
  std::string header =
      fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", row->descr, shape);
  const size_t before = kMagic.size() + 4;
  header.append(kAlignment - (before + header.size() + 1) % kAlignment, ' ');
  header += '\n';
  std::string content(kMagic);
  content += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF),
              static_cast<char>(header.size() >> 8)};
  content += header;
  const auto bytes = tensor.bytes();
  const std::array<std::string_view, 2> pieces = {
      content, {reinterpret_cast<const char*>(bytes.data()), bytes.size()}};
  return write_file_atomic(path, pieces, Overwrite::kAllow, flush);
}

}  // namespace nitro::runner
