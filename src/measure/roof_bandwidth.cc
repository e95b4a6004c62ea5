#include "measure/roof_bandwidth.h"

#include <algorithm>
#include <memory>
#include <vector>

namespace nitro::measure {
namespace {

constexpr int64_t kBytesPerPiece = int64_t{4} << 20;
constexpr int64_t kSmallestDram = int64_t{64} << 20;
constexpr int64_t kLargestComfortableDram = int64_t{512} << 20;

const CpuCache* find(std::span<const CpuCache> caches, int level) {
  const auto place = std::ranges::find(caches, level, &CpuCache::level);
  return place == caches.end() ? nullptr : &*place;
}

/// The part of a cache that one of `threads` threads has.
int64_t share(const CpuCache& cache, int threads) {
  return cache.bytes / std::min(threads, cache.shared_by);
}

std::optional<int64_t> dram_footprint(std::span<const CpuCache> caches, int threads,
                                      int64_t available_memory_bytes) {
  int64_t cached = 0;
  for (const CpuCache& cache : caches) {
    const int64_t copies = std::max(1, threads / cache.shared_by);
    cached = std::max(cached, cache.bytes * copies);
  }
  // Caches of today do not evict in order, so that after four times their size a good part of a
  // pass is still there for the next; after sixteen times next to none.
  const int64_t total =
      std::max({kSmallestDram, 4 * cached, std::min(16 * cached, kLargestComfortableDram)});
  if (total > available_memory_bytes / 4) return std::nullopt;
  return total / threads;
}

/// A buffer in which every page exists, and a place in it that moves on from piece to piece.
struct Stream {
  explicit Stream(int64_t size) : floats(static_cast<size_t>(size), 1.0F), count(size) {}
  std::vector<float> floats;
  int64_t count;
  int64_t position = 0;
};

int64_t whole_steps(int64_t floats) {
  return std::max(kFloatsPerStep, floats / kFloatsPerStep * kFloatsPerStep);
}

/// Runs `pass(offset, length, passes)`, whole steps of the kernels, over about kBytesPerPiece of
/// `span` floats, from where the last piece ended. Returns the floats passed.
template <class Pass>
double next_piece(Stream& stream, int64_t span, int64_t bytes_per_float, const Pass& pass) {
  const int64_t wanted = whole_steps(kBytesPerPiece / bytes_per_float);
  if (span <= wanted) {
    const int64_t passes = wanted / span;
    pass(int64_t{0}, span, passes);
    return static_cast<double>(span * passes);
  }
  if (stream.position >= span) stream.position = 0;
  const int64_t length = std::min(wanted, span - stream.position);
  pass(stream.position, length, int64_t{1});
  stream.position += length;
  return static_cast<double>(length);
}

Piece reading(const FloatKernels& kernels, std::shared_ptr<Stream> stream) {
  return [read = kernels.read, stream = std::move(stream)] {
    const auto pass = [&](int64_t offset, int64_t length, int64_t passes) {
      read(stream->floats.data() + offset, length, passes);
    };
    return 4 * next_piece(*stream, stream->count, 4, pass);
  };
}

Piece triad(const FloatKernels& kernels, std::shared_ptr<Stream> stream) {
  const int64_t third = whole_steps(stream->count / 3);
  return [run = kernels.triad, stream = std::move(stream), third] {
    float* y = stream->floats.data();
    const auto pass = [&](int64_t offset, int64_t length, int64_t passes) {
      run(y + offset, y + third + offset, y + 2 * third + offset, length, passes);
    };
    return 12 * next_piece(*stream, third, 12, pass);
  };
}

}  // namespace

std::optional<int64_t> footprint(std::span<const CpuCache> caches, int level, int threads,
                                 int64_t available_memory_bytes) {
  if (level == kDramLevel) return dram_footprint(caches, threads, available_memory_bytes);
  const CpuCache* cache = find(caches, level);
  if (!cache) return std::nullopt;
  // Half: the rest is for whoever else is there, in a virtual machine also its neighbours.
  const int64_t bytes = share(*cache, threads) / 2;
  for (const CpuCache& lower : caches) {
    if (lower.level < level && bytes < 2 * share(lower, threads)) return std::nullopt;
  }
  return bytes;
}

TeamRate measure_bandwidth(const FloatKernels& kernels, int64_t bytes, int threads) {
  const int64_t count = whole_steps(bytes / 4);
  // The triad may round its thirds up.
  const int64_t allocated = std::max(count, 3 * kFloatsPerStep);
  std::vector<std::shared_ptr<Stream>> streams(static_cast<size_t>(threads));
  const TeamRate read = measure_rate(threads, [&](int thread) {
    auto& stream = streams[static_cast<size_t>(thread)];
    stream = std::make_shared<Stream>(allocated);
    return reading(kernels, stream);
  });
  const TeamRate both = measure_rate(threads, [&](int thread) {
    const auto& stream = streams[static_cast<size_t>(thread)];
    stream->position = 0;
    return triad(kernels, stream);
  });
  return read.per_second > both.per_second ? read : both;
}

}  // namespace nitro::measure
