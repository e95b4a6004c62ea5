#pragma once

#include <initializer_list>

#include "base/random.h"
#include "synth/vec.h"

namespace nitro::synth {

/// What of a sample is drawn from: each part has numbers of its own, so that one does not shift the
/// others.
enum class Stream : uint8_t { kScene, kColourNoise, kDepthNoise, kInfraredNoise };

/// Random choices, the same from a key everywhere. C++ leaves the order of a call's arguments open:
/// bind what is drawn to names first, or use braces, which have an order.
class Draw {
 public:
  explicit Draw(uint64_t key) : random_(key) {}

  uint64_t bits() { return random_.next(); }
  float between(float low, float high) {
    return low + (high - low) * (static_cast<float>(random_.next() >> 40) * 0x1.0p-24f);
  }
  bool chance(float probability) { return between(0, 1) < probability; }
  int below(int count) { return static_cast<int>(random_.below(count)); }
  template <class T>
  T pick(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<int>(choices.size()))];
  }
  float sign() { return chance(0.5f) ? 1.0f : -1.0f; }
  /// Mean 0 and deviation 1, by the sum of four uniform numbers: no tails beyond 3.5.
  float bell() {
    const uint64_t all = random_.next();
    const auto sum = static_cast<int32_t>((all & 0xFFFF) + (all >> 16 & 0xFFFF) +
                                          (all >> 32 & 0xFFFF) + (all >> 48));
    return static_cast<float>(sum - 131070) * (1.7320508f / 65536.0f);
  }

 private:
  Random random_;
};

/// One number of several, in their order.
inline uint64_t key_of(std::initializer_list<uint64_t> numbers) {
  uint64_t key = 0;
  for (const uint64_t number : numbers) key = Random(key ^ number).next();
  return key;
}

}  // namespace nitro::synth
