#include "plan/plan_file.h"

#include <cstring>
#include <memory>

#include "base/checked.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "base/text.h"
#include "plan/check_read_plan.h"
#include "plan/plan_json.h"

namespace nitro::plan {
namespace {

constexpr std::string_view kMagic = "NITROPLN";
constexpr uint64_t kVersion = 4;
/// Magic, version, length of the JSON, length of the constants.
constexpr size_t kHeaderBytes = 32;
constexpr size_t kDigestBytes = 32;
constexpr size_t kChunkBytes = size_t{1} << 20;  // that are hashed together
constexpr uint64_t kMostJsonBytes = uint64_t{256} << 20;
constexpr uint64_t kMostFileBytes = uint64_t{16} << 30;
static_assert(kAlignment % 8 == 0 && kHeaderBytes % 8 == 0);

std::unexpected<Error> bad(std::string_view problem) {
  return fail(ErrorCode::kBadFile, "{}", problem);
}

void append_number(std::string& bytes, uint64_t number) {
  for (int shift = 0; shift < 64; shift += 8)
    bytes.push_back(static_cast<char>(number >> shift & 0xFF));
}

uint64_t number_at(std::string_view bytes, size_t place) {
  uint64_t number = 0;
  for (size_t i = 8; i-- > 0;) number = number << 8 | static_cast<uint8_t>(bytes[place + i]);
  return number;
}

size_t aligned(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

/// SHA-256 of the head and of the digests of each chunk of the constants, so that several threads
/// can share the work.
std::string digest_of(std::string_view head, std::string_view constants) {
  const size_t chunks = (constants.size() + kChunkBytes - 1) / kChunkBytes;
  std::vector<Sha256Digest> digests(chunks);
  parallel_for(static_cast<int64_t>(chunks), 4, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto chunk = static_cast<size_t>(i);
      digests[chunk] = sha256(constants.substr(chunk * kChunkBytes, kChunkBytes));
    }
  });
  Sha256 all;
  all.add(head);
  for (const Sha256Digest& digest : digests) all.add(std::as_bytes(std::span(digest)));
  const Sha256Digest result = all.finish();
  return {reinterpret_cast<const char*>(result.data()), result.size()};
}

/// Constants as they lie in the file.
Result<std::string> constants_of(const Plan& plan) {
  std::string bytes(static_cast<size_t>(plan.constant_bytes), '\0');
  for (const Buffer& buffer : plan.buffers) {
    if (buffer.kind != Buffer::Kind::kConstant) continue;
    const auto content = buffer.constant->bytes();
    if (!content.empty()) std::memcpy(bytes.data() + buffer.place, content.data(), content.size());
  }
  return bytes;
}

struct Parts {
  std::string_view head;
  std::string_view json;
  std::string_view constants;
  std::string_view digest;
};

Result<Parts> parts_of(std::string_view content) {
  if (content.size() < kHeaderBytes || !is_plan(content)) return bad("it is no plan of Nitro");
  if (const uint64_t version = number_at(content, 8); version != kVersion) {
    return fail_with_hint(
        ErrorCode::kBadFile,
        fmt::format("the plan has format {}, this Nitro reads {}", version, kVersion),
        "export it again from the model");
  }
  const uint64_t json = number_at(content, 16), constants = number_at(content, 24);
  if (json > kMostJsonBytes || constants > kMostFileBytes)
    return fail(ErrorCode::kLimitExceeded, "the plan says that it is too large");
  const size_t head = aligned(kHeaderBytes + json);
  if (content.size() != head + constants + kDigestBytes) {
    return fail(ErrorCode::kBadFile, "the plan should have {} bytes, and has {}",
                head + constants + kDigestBytes, content.size());
  }
  return Parts{content.substr(0, head), content.substr(kHeaderBytes, json),
               content.substr(head, constants), content.substr(head + constants)};
}

Result<PlanFile> parse(const std::shared_ptr<const std::string>& content) {
  const Parts parts = TRY(parts_of(*content));
  if (digest_of(parts.head, parts.constants) != parts.digest)
    return bad("the plan is damaged: its checksum does not hold");
  PlanFile file = TRY(plan_from_json(TRY(Json::parse(parts.json))));
  Plan& plan = file.plan;
  if (plan.constant_bytes != static_cast<int64_t>(parts.constants.size()))
    return bad("the plan disagrees with itself about the bytes of its constants");
  for (Buffer& buffer : plan.buffers) {
    if (buffer.kind != Buffer::Kind::kConstant) continue;
    if (!check_shape(buffer.type.shape, buffer.type.dtype) || buffer.place < 0 ||
        buffer.place % kAlignment != 0 ||
        buffer.place > plan.constant_bytes - buffer.type.bytes()) {
      return bad("a constant lies outside of theirs");
    }
    const auto* start = reinterpret_cast<const std::byte*>(parts.constants.data());
    buffer.constant = Tensor::view(buffer.type, content, start + buffer.place);
  }
  TRY(check_read_plan(plan));
  return file;
}

}  // namespace

Result<EncodedPlan> encode_plan(const PlanFile& file) {
  if (const Result<void> checked = check_read_plan(file.plan); !checked) {
    return fail(ErrorCode::kInternal, "the plan could not be read again: {}",
                checked.error().text());
  }
  EncodedPlan encoded;
  const std::string json = to_json(file).dump();
  encoded.head = kMagic;
  append_number(encoded.head, kVersion);
  append_number(encoded.head, json.size());
  append_number(encoded.head, static_cast<uint64_t>(file.plan.constant_bytes));
  encoded.head += json;
  encoded.head.resize(aligned(encoded.head.size()), '\0');
  encoded.constants = TRY(constants_of(file.plan));
  encoded.digest = digest_of(encoded.head, encoded.constants);
  return encoded;
}

Result<void> write_plan(const std::filesystem::path& path, const PlanFile& file) {
  const EncodedPlan encoded = TRY(encode_plan(file));
  return write_file_atomic(path, encoded.pieces());
}

Result<PlanFile> parse_plan(std::string content) {
  return parse(std::make_shared<const std::string>(std::move(content)));
}

Result<PlanFile> read_plan(const std::filesystem::path& path) {
  return in_context(parse_plan(TRY(read_file(path, kMostFileBytes))), display(path.native()));
}

bool is_plan(std::string_view beginning) { return beginning.starts_with(kMagic); }

bool is_plan_file(const std::filesystem::path& path) {
  const Result<FileDescriptor> file = open_for_reading(path);
  std::string beginning(kMagic.size(), '\0');
  return file && read_exactly(*file, 0, std::as_writable_bytes(std::span(beginning))) &&
         is_plan(beginning);
}

}  // namespace nitro::plan
