#include "cuda/cubin_cache.h"

#include <array>

#include "base/file.h"
#include "base/sha256.h"

namespace nitro::cuda {
namespace {

constexpr std::string_view kMagic = "nitro cubin 1 ";
constexpr size_t kDigits = 64;
constexpr uint64_t kMaxBytes = uint64_t{256} << 20;

/// Each part with its length in front, so that no two keys read the same.
void add(Sha256& digest, std::string_view part) {
  digest.add(fmt::format("{} ", part.size()));
  digest.add(part);
}

std::string entry_name(const CubinKey& key) {
  Sha256 digest;
  add(digest, key.source);
  add(digest, std::to_string(key.options.size()));
  for (const std::string& option : key.options) add(digest, option);
  add(digest, key.architecture);
  add(digest, key.nvrtc_version);
  return to_hex(digest.finish());
}

/// The line before the binary: "nitro cubin 1 <its SHA-256>".
std::string header_of(std::string_view binary) {
  return std::string(kMagic) + to_hex(sha256(binary)) + "\n";
}

}  // namespace

CubinCache CubinCache::standard() {
  const Result<std::filesystem::path> folder = cache_folder();
  return folder ? CubinCache(*folder / "cubins") : CubinCache();
}

std::optional<std::string> CubinCache::find(const CubinKey& key) const {
  if (folder_.empty()) return std::nullopt;
  const std::filesystem::path path = folder_ / entry_name(key);
  Result<std::string> content = read_file(path, kMaxBytes);
  if (!content) return std::nullopt;
  constexpr size_t kHeader = kMagic.size() + kDigits + 1;
  if (content->size() > kHeader) {
    std::string binary = content->substr(kHeader);
    if (content->starts_with(header_of(binary))) return binary;
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  return std::nullopt;
}

void CubinCache::store(const CubinKey& key, std::string_view binary) const {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  const std::string header = header_of(binary);
  const std::array<std::string_view, 2> pieces = {header, binary};
  (void)write_file_atomic(folder_ / entry_name(key), pieces);
}

}  // namespace nitro::cuda
