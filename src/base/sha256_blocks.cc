#include "base/sha256_blocks.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace nitro {

#if defined(__x86_64__)
namespace {

bool has_instructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  const bool sse = __builtin_cpu_supports("ssse3") != 0 && __builtin_cpu_supports("sse4.1") != 0;
  return sse && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

/// The instructions want the words of the state as ABEF and CDGH, and do two rounds each.
[[gnu::target("sha,ssse3,sse4.1")]] void add_blocks(std::array<uint32_t, 8>& state,
                                                    const uint8_t* blocks, size_t count) {
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  auto* const words = reinterpret_cast<__m128i*>(state.data());
  __m128i low = _mm_shuffle_epi32(_mm_loadu_si128(words), 0xB1);
  __m128i cdgh = _mm_shuffle_epi32(_mm_loadu_si128(words + 1), 0x1B);
  __m128i abef = _mm_alignr_epi8(low, cdgh, 8);
  cdgh = _mm_blend_epi16(cdgh, low, 0xF0);
  for (; count > 0; --count, blocks += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];  // the last 16 words of the schedule
    for (size_t i = 0; i < 16; ++i) {
      __m128i& next = w[i % 4];
      if (i < 4) {
        const auto* source = reinterpret_cast<const __m128i*>(blocks) + i;
        next = _mm_shuffle_epi8(_mm_loadu_si128(source), swap);
      } else {
        const __m128i last = w[(i + 3) % 4];
        const __m128i seventh = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
        next = _mm_sha256msg1_epu32(next, w[(i + 1) % 4]);
        next = _mm_sha256msg2_epu32(_mm_add_epi32(next, seventh), last);
      }
      const auto* round = reinterpret_cast<const __m128i*>(kSha256Round.data()) + i;
      const __m128i sum = _mm_add_epi32(next, _mm_load_si128(round));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0E));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  low = _mm_shuffle_epi32(abef, 0x1B);
  cdgh = _mm_shuffle_epi32(cdgh, 0xB1);
  _mm_storeu_si128(words, _mm_blend_epi16(low, cdgh, 0xF0));
  _mm_storeu_si128(words + 1, _mm_alignr_epi8(cdgh, low, 8));
}

}  // namespace

bool add_sha256_blocks(std::array<uint32_t, 8>& state, const uint8_t* blocks, size_t count) {
  static const bool usable = has_instructions();
  if (usable) add_blocks(state, blocks, count);
  return usable;
}
#else
bool add_sha256_blocks(std::array<uint32_t, 8>&, const uint8_t*, size_t) { return false; }
#endif

}  // namespace nitro
