#include "cuda/cubin_info.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

namespace nitro::cuda {
namespace {

// The 64-bit little-endian form of ELF, and NVIDIA's list of attributes (section .nv.info), of
// which there is no public description; the names are those that `cuobjdump -elf` prints.
constexpr std::string_view kElf = "\177ELF\2\1";
constexpr uint64_t kHeaderBytes = 64;
constexpr uint64_t kSectionHeaderBytes = 64;
constexpr uint64_t kSymbolBytes = 24;
constexpr uint32_t kSymbolTable = 2;
constexpr uint32_t kNoBits = 8;
constexpr uint8_t kSizedValue = 4;  // EIFMT_SVAL
constexpr uint8_t kFrameSize = 0x11;
constexpr uint8_t kMinStackSize = 0x12;
constexpr uint8_t kRegisterCount = 0x2f;

/// A piece of the file; reading outside of it gives nothing.
struct Bytes {
  std::string_view bytes;

  std::optional<Bytes> part(uint64_t offset, uint64_t size) const {
    if (offset > bytes.size() || size > bytes.size() - offset) return std::nullopt;
    return Bytes{bytes.substr(offset, size)};
  }
  template <class T>
  std::optional<T> at(uint64_t offset) const {
    const std::optional<Bytes> found = part(offset, sizeof(T));
    if (!found) return std::nullopt;
    T value;
    std::memcpy(&value, found->bytes.data(), sizeof(T));
    return value;
  }
  /// The zero-terminated text at `offset`.
  std::optional<std::string_view> text(uint64_t offset) const {
    if (offset >= bytes.size()) return std::nullopt;
    const size_t end = bytes.find('\0', offset);
    if (end == std::string_view::npos) return std::nullopt;
    return bytes.substr(offset, end - offset);
  }
};

struct Section {
  uint32_t name_offset = 0;
  std::string_view name;
  uint32_t type = 0;
  uint32_t link = 0;
  uint64_t size = 0;
  Bytes content;
};

std::optional<Section> section_at(Bytes file, uint64_t offset) {
  const std::optional<Bytes> header = file.part(offset, kSectionHeaderBytes);
  if (!header) return std::nullopt;
  Section section;
  section.name_offset = *header->at<uint32_t>(0);
  section.type = *header->at<uint32_t>(4);
  section.size = *header->at<uint64_t>(32);
  section.link = *header->at<uint32_t>(40);
  if (section.type == kNoBits) return section;
  const std::optional<Bytes> content = file.part(*header->at<uint64_t>(24), section.size);
  if (!content) return std::nullopt;
  section.content = *content;
  return section;
}

std::optional<std::vector<Section>> sections_of(Bytes file) {
  const std::optional<Bytes> header = file.part(0, kHeaderBytes);
  if (!header || !header->bytes.starts_with(kElf)) return std::nullopt;
  const uint64_t table = *header->at<uint64_t>(40);
  const uint16_t entry_bytes = *header->at<uint16_t>(58);
  const uint16_t count = *header->at<uint16_t>(60);
  const uint16_t names = *header->at<uint16_t>(62);
  if (entry_bytes != kSectionHeaderBytes || names >= count || table > file.bytes.size()) {
    return std::nullopt;
  }
  std::vector<Section> sections;
  for (uint64_t i = 0; i < count; ++i) {
    const std::optional<Section> section = section_at(file, table + i * kSectionHeaderBytes);
    if (!section) return std::nullopt;
    sections.push_back(*section);
  }
  for (Section& section : sections) {
    const auto name = sections[names].content.text(section.name_offset);
    if (!name) return std::nullopt;
    section.name = *name;
  }
  return sections;
}

const Section* find(const std::vector<Section>& sections, std::string_view name) {
  const auto found = std::ranges::find(sections, name, &Section::name);
  return found == sections.end() ? nullptr : &*found;
}

/// The name of a symbol of the file.
std::optional<std::string_view> symbol_name(const std::vector<Section>& sections, uint32_t symbol) {
  const auto table = std::ranges::find(sections, kSymbolTable, &Section::type);
  if (table == sections.end() || table->link >= sections.size()) return std::nullopt;
  const auto name = table->content.at<uint32_t>(symbol * kSymbolBytes);
  if (!name) return std::nullopt;
  return sections[table->link].content.text(*name);
}

/// Values of attributes by symbol: whatever of the list is well formed.
using Values = std::map<uint32_t, int64_t>;
struct Attributes {
  Values registers;
  Values local_bytes;
};

Attributes attributes_in(Bytes list) {
  Attributes found;
  uint64_t offset = 0;
  while (const auto head = list.part(offset, 4)) {
    const uint8_t format = *head->at<uint8_t>(0);
    const uint8_t attribute = *head->at<uint8_t>(1);
    const uint16_t size = format == kSizedValue ? *head->at<uint16_t>(2) : uint16_t{0};
    const auto value = list.part(offset + 4, size);
    if (!value) break;
    offset += 4 + uint64_t{size};
    const auto symbol = value->at<uint32_t>(0);
    const auto number = value->at<uint32_t>(4);
    if (!symbol || !number) continue;
    if (attribute == kRegisterCount) found.registers[*symbol] = *number;
    if (attribute == kFrameSize || attribute == kMinStackSize) {
      int64_t& bytes = found.local_bytes[*symbol];
      bytes = std::max(bytes, int64_t{*number});
    }
  }
  return found;
}

}  // namespace

Result<std::vector<KernelResources>> cubin_info(std::string_view cubin) {
  const auto sections = sections_of(Bytes{cubin});
  if (!sections) return fail(ErrorCode::kBadFile, "this is no cubin, or a damaged one");
  const Section* const info = find(*sections, ".nv.info");
  if (info == nullptr) return fail(ErrorCode::kBadFile, "the cubin does not describe its kernels");
  Attributes attributes = attributes_in(info->content);

  std::vector<KernelResources> kernels;
  for (const auto& [symbol, registers] : attributes.registers) {
    const auto name = symbol_name(*sections, symbol);
    if (!name) return fail(ErrorCode::kBadFile, "the cubin describes a kernel that it has not");
    if (find(*sections, fmt::format(".text.{}", *name)) == nullptr) continue;
    const Section* const shared = find(*sections, fmt::format(".nv.shared.{}", *name));
    const int64_t shared_bytes = shared == nullptr ? 0 : static_cast<int64_t>(shared->size);
    kernels.push_back(
        {std::string(*name), registers, attributes.local_bytes[symbol], shared_bytes});
  }
  std::ranges::sort(kernels, {}, &KernelResources::name);
  return kernels;
}

Result<std::string_view> kernel_code(std::string_view cubin, std::string_view kernel) {
  const auto sections = sections_of(Bytes{cubin});
  const Section* const text = sections ? find(*sections, fmt::format(".text.{}", kernel)) : nullptr;
  if (text == nullptr) return fail(ErrorCode::kBadFile, "the cubin has no kernel '{}'", kernel);
  return text->content.bytes;
}

}  // namespace nitro::cuda
