#include "cuda/maxwell_code.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace nitro::cuda {
namespace {

constexpr int64_t kWordBytes = 8;
constexpr int64_t kWordsOfAGroup = 4;

/// An instruction is of a kind if its upper 16 bits are `bits` where `mask` has ones.
struct Pattern {
  uint16_t bits, mask;
  bool matches(uint64_t word) const { return ((word >> 48) & mask) == bits; }
};

constexpr Pattern kBranch = {0xe240, 0xfff0};
// With a register, a constant, an immediate as the second operand or a constant as the third.
constexpr std::array<Pattern, 6> kMultiplyAdds = {{{0x5d00, 0xfff8},
                                                   {0x5980, 0xff80},
                                                   {0x5180, 0xff80},
                                                   {0x4980, 0xff80},
                                                   {0x3280, 0xfe80},
                                                   {0x0c00, 0xfc00}}};
constexpr std::array<Pattern, 4> kIntegerMultiplies = {
    {{0x5b00, 0xff80}, {0x5100, 0xff80}, {0x4e00, 0xff80}, {0x3600, 0xfec0}}};
constexpr std::array<Pattern, 2> kLocalMemory = {{{0xef40, 0xfff8}, {0xef50, 0xfff8}}};

template <size_t kCount>
bool is_any(const std::array<Pattern, kCount>& patterns, uint64_t word) {
  return std::ranges::any_of(patterns, [&](const Pattern& p) { return p.matches(word); });
}

/// The address that a branch goes to, relative to the one after it: 24 bits with a sign.
int64_t target_of(uint64_t word, int64_t address) {
  auto offset = static_cast<int64_t>((word >> 20) & 0xffffff);
  if (offset >= 1 << 23) offset -= 1 << 24;
  return address + kWordBytes + offset;
}

InstructionMix mix_of(const std::vector<uint64_t>& words, int64_t first, int64_t last) {
  InstructionMix mix;
  for (int64_t i = first; i <= last; ++i) {
    if (i % kWordsOfAGroup == 0) continue;
    const uint64_t word = words[static_cast<size_t>(i)];
    mix.all += 1;
    mix.multiply_adds += is_any(kMultiplyAdds, word);
    mix.integer_multiplies += is_any(kIntegerMultiplies, word);
    mix.local_memory += is_any(kLocalMemory, word);
  }
  return mix;
}

}  // namespace

std::optional<InstructionMix> hottest_loop(std::string_view code) {
  std::vector<uint64_t> words(code.size() / kWordBytes);
  if (words.empty()) return std::nullopt;
  std::memcpy(words.data(), code.data(), words.size() * kWordBytes);
  std::optional<InstructionMix> hottest;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i % kWordsOfAGroup == 0 || !kBranch.matches(words[i])) continue;
    const auto last = static_cast<int64_t>(i);
    const int64_t first = target_of(words[i], last * kWordBytes) / kWordBytes;
    if (first < 0 || first >= last) continue;
    const InstructionMix mix = mix_of(words, first, last);
    if (mix.multiply_adds > (hottest ? hottest->multiply_adds : 0)) hottest = mix;
  }
  return hottest;
}

}  // namespace nitro::cuda
