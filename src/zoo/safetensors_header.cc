#include "zoo/safetensors_header.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/checked.h"
#include "base/json.h"
#include "base/text.h"

namespace nitro::zoo {
namespace {

struct StorageSize {
  std::string_view dtype;
  int64_t bytes;
};

constexpr auto kStorageSizes = std::to_array<StorageSize>({{"BOOL", 1},
                                                           {"U8", 1},
                                                           {"I8", 1},
                                                           {"F8_E4M3", 1},
                                                           {"F8_E5M2", 1},
                                                           {"I16", 2},
                                                           {"U16", 2},
                                                           {"F16", 2},
                                                           {"BF16", 2},
                                                           {"I32", 4},
                                                           {"U32", 4},
                                                           {"F32", 4},
                                                           {"I64", 8},
                                                           {"U64", 8},
                                                           {"F64", 8}});

/// Members of all objects in a JSON text: its colons outside strings.
size_t members_written(std::string_view text) {
  size_t count = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (text[i] == '\\' && in_string) ++i;
    if (text[i] == ':' && !in_string) ++count;
  }
  return count;
}

/// Members of all objects in a JSON value, which keeps one of those with equal names.
size_t members_kept(const Json& value) {
  size_t count = value.members().size();
  for (const auto& [key, member] : value.members()) count += members_kept(member);
  for (const Json& item : value.items()) count += members_kept(item);
  return count;
}

std::optional<std::vector<int64_t>> counts_of(const Json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<int64_t> counts;
  for (const Json& item : list.items()) {
    if (!item.is_integer() || item.as_integer() < 0) return std::nullopt;
    counts.push_back(item.as_integer());
  }
  return counts;
}

Result<StoredTensor> parse_tensor(const Json& entry, uint64_t data_bytes) {
  const std::string& dtype = entry.at("dtype").as_string();
  const auto storage = std::ranges::find(kStorageSizes, dtype, &StorageSize::dtype);
  if (storage == kStorageSizes.end()) {
    return fail(ErrorCode::kBadFile, "its dtype '{}' is unknown", display(dtype));
  }
  const auto shape = counts_of(entry.at("shape"));
  if (!shape || static_cast<int64_t>(shape->size()) > kMaxRank) {
    return fail(ErrorCode::kBadFile, "its shape is not a list of at most {} sizes", kMaxRank);
  }
  const auto offsets = counts_of(entry.at("data_offsets"));
  if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1] ||
      static_cast<uint64_t>((*offsets)[1]) > data_bytes) {
    return fail(ErrorCode::kBadFile, "its data_offsets lie outside the file's {} bytes of data",
                data_bytes);
  }
  const auto elements = checked_product(*shape);
  const auto bytes = elements ? checked_mul(*elements, storage->bytes) : std::nullopt;
  const int64_t stored = (*offsets)[1] - (*offsets)[0];
  if (bytes != stored) {
    return fail(ErrorCode::kBadFile, "its {} bytes of data do not fit {}[{}]", stored, dtype,
                text(*shape));
  }
  return StoredTensor{dtype, *shape, static_cast<uint64_t>((*offsets)[0]),
                      static_cast<uint64_t>(stored)};
}

/// The data of all tensors, end to end, must be the whole of the file's data.
Result<void> check_coverage(const std::map<std::string, StoredTensor, std::less<>>& tensors,
                            uint64_t data_bytes) {
  std::vector<const StoredTensor*> ordered;
  for (const auto& [name, tensor] : tensors) ordered.push_back(&tensor);
  std::ranges::sort(ordered, {}, [](const StoredTensor* tensor) {
    return std::pair(tensor->offset, tensor->bytes);
  });
  uint64_t end = 0;
  for (const StoredTensor* tensor : ordered) {
    if (tensor->offset != end) {
      return fail(ErrorCode::kBadFile, "the data of its tensors {} at byte {}",
                  tensor->offset < end ? "overlap" : "leave a hole", std::min(end, tensor->offset));
    }
    end += tensor->bytes;
  }
  if (end != data_bytes) {
    return fail(ErrorCode::kBadFile, "its tensors take {} of {} bytes of data", end, data_bytes);
  }
  return {};
}

}  // namespace

Result<std::map<std::string, StoredTensor, std::less<>>> parse_safetensors_header(
    std::string_view text, uint64_t data_begin, uint64_t file_bytes) {
  const size_t written = members_written(text);
  if (written > SafeTensors::kMaxHeaderMembers) {
    return fail(ErrorCode::kLimitExceeded, "its header has {} entries, more than {}", written,
                SafeTensors::kMaxHeaderMembers);
  }
  const Json header = TRY(in_context(Json::parse(text), "header"));
  if (!header.is_object()) return fail(ErrorCode::kBadFile, "its header is no JSON object");
  if (members_kept(header) != written) {
    return fail(ErrorCode::kBadFile, "its header gives a name twice");
  }
  std::map<std::string, StoredTensor, std::less<>> tensors;
  const uint64_t data_bytes = file_bytes - data_begin;
  for (const auto& [name, entry] : header.members()) {
    if (name == "__metadata__") continue;
    tensors[name] =
        TRY(in_context(parse_tensor(entry, data_bytes), fmt::format("tensor '{}'", display(name))));
  }
  TRY(check_coverage(tensors, data_bytes));
  for (auto& [name, tensor] : tensors) tensor.offset += data_begin;
  return tensors;
}

}  // namespace nitro::zoo
