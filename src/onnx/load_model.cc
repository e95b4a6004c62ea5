#include "onnx/load_model.h"

#include <fcntl.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <onnx-ml.pb.h>

#include <algorithm>
#include <new>

#include "base/text.h"

namespace nitro::onnx {
namespace {

namespace protobuf = google::protobuf;

/// A typed field that lies within one piece of the file is allocated once, not grown.
constexpr uint64_t kReadBytes = uint64_t{16} << 20;

// libprotobuf takes plain functions as block allocators, so the budget is per thread.
thread_local uint64_t remaining_budget = 0;

void* allocate_block(size_t size) {
  if (size > remaining_budget) throw std::bad_alloc();
  remaining_budget -= size;
  return ::operator new(size);
}

void free_block(void* block, size_t) { ::operator delete(block); }

protobuf::ArenaOptions arena_options() {
  protobuf::ArenaOptions options;
  options.block_alloc = allocate_block;
  options.block_dealloc = free_block;
  options.max_block_size = 1 << 20;
  return options;
}

bool parse(const FileDescriptor& file, uint64_t size, ::onnx::ModelProto& model) {
  protobuf::io::FileInputStream stream(file.get(), static_cast<int>(std::min(size, kReadBytes)));
  protobuf::io::CodedInputStream coded(&stream);
  coded.SetRecursionLimit(kMaxMessageDepth);
  coded.SetTotalBytesLimit(static_cast<int>(size));
  return model.ParseFromCodedStream(&coded) && coded.ConsumedEntireMessage();
}

/// Where the top-level fields of a file that does not parse stop making sense.
Result<std::string> diagnose(const FileDescriptor& file, uint64_t size) {
  if (::lseek(file.get(), 0, SEEK_SET) != 0) return std::string("it is corrupt");
  protobuf::io::FileInputStream stream(file.get());
  protobuf::io::CodedInputStream coded(&stream);
  bool any_field = false;
  while (true) {
    const auto offset = static_cast<uint64_t>(coded.CurrentPosition());
    const uint32_t tag = coded.ReadTag();
    if (tag == 0) break;
    const uint32_t wire_type = tag & 7U;
    const uint32_t number = tag >> 3;
    if (number > 64) break;
    if (wire_type == 2) {
      uint64_t length = 0;
      if (!coded.ReadVarint64(&length)) break;
      const uint64_t left = size - static_cast<uint64_t>(coded.CurrentPosition());
      if (length > left) {
        return fmt::format("{} claims {} bytes at offset {}, {} are left",
                           number == 7 ? "the graph" : fmt::format("field {}", number), length,
                           offset, left);
      }
      if (!coded.Skip(static_cast<int>(length))) break;
    } else if (wire_type == 0) {
      uint64_t ignored = 0;
      if (!coded.ReadVarint64(&ignored)) break;
    } else {
      break;
    }
    any_field = true;
    if (static_cast<uint64_t>(coded.CurrentPosition()) == size) {
      return std::string("a part of it is corrupt, or nested too deep");
    }
  }
  return std::string(any_field ? "it is truncated or corrupt" : "it is not an ONNX model");
}

}  // namespace

struct LoadedModel::Storage {
  protobuf::Arena arena{arena_options()};
};

LoadedModel::LoadedModel() = default;
LoadedModel::LoadedModel(LoadedModel&&) noexcept = default;
LoadedModel::~LoadedModel() = default;

Result<LoadedModel> load_model(const std::filesystem::path& path, const Limits& limits) {
  const std::string shown = display(path.native());
  const FileDescriptor file = TRY(open_for_reading(path));
  const uint64_t size = TRY(file_size(file));
  if (size == 0) return fail(ErrorCode::kBadFile, "'{}' is an empty file", shown);
  if (size > limits.max_model_bytes) {
    return fail_with_hint(
        ErrorCode::kLimitExceeded,
        fmt::format("'{}' has {} bytes, the limit is {}", shown, size, limits.max_model_bytes),
        "save the weights as external data");
  }
  const protobuf::LogSilencer silent;
  remaining_budget = limits.message_budget + 8 * size;
  LoadedModel loaded;
  try {
    loaded.storage_ = std::make_shared<LoadedModel::Storage>();
    loaded.model_ = protobuf::Arena::CreateMessage<::onnx::ModelProto>(&loaded.storage_->arena);
    if (!parse(file, size, *loaded.model_)) {
      return fail(ErrorCode::kBadFile, "'{}' cannot be read: {}", shown, TRY(diagnose(file, size)));
    }
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kLimitExceeded,
                "'{}' needs more memory than {} MiB plus 8 times its size to parse", shown,
                limits.message_budget >> 20);
  }
  if (!loaded.model_->has_graph()) {
    return fail(ErrorCode::kBadFile, "'{}' has no graph: it is not an ONNX model", shown);
  }
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  loaded.folder_ = FileDescriptor(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return loaded;
}

}  // namespace nitro::onnx
