#include "base/parallel.h"
#include "base/random.h"
#include "base/sha256.h"
#include "zoo/weights.h"

namespace nitro::zoo {
namespace {

constexpr int64_t kBlock = 1 << 16;  // elements drawn from one seed

uint64_t seed_of(std::string_view name) {
  const Sha256Digest digest = sha256(name);
  uint64_t seed = 0;
  for (size_t i = 0; i < sizeof seed; ++i) seed = seed << 8 | digest[i];
  return seed;
}

/// Mean 0, variance 1, within +-3.47: the sum of four uniform numbers. Unlike the normal
/// distribution it takes no function whose last bit differs between C libraries.
double bell_shaped(Random& random) {
  const uint64_t bits = random.next();
  const uint64_t sum =
      (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
  constexpr double kSqrt3 = 1.7320508075688772;
  return (static_cast<double>(sum) / 65535.0 - 2.0) * kSqrt3;
}

struct Range {
  float mean;
  double deviation;
};

Range range_of(const Shape& shape, ParameterKind kind) {
  switch (kind) {
    case ParameterKind::kWeight: {
      const int64_t inputs = element_count(shape) / shape[0];
      return {0, 0.8 / std::sqrt(static_cast<double>(inputs))};
    }
    case ParameterKind::kScale:
      return {1, 0.1};
    case ParameterKind::kScoreBias:
      return {0, 0.5};
    case ParameterKind::kEmbedding:
      return {0, 0.3};
    case ParameterKind::kBias:
      break;
  }
  return {0, 0.1};
}

class RandomWeights : public WeightSource {
 public:
  Result<Tensor> parameter(const std::string& name, Shape shape, ParameterKind kind) override {
    const Range range = range_of(shape, kind);
    Tensor tensor({DType::kF32, std::move(shape)});
    const std::span<float> values = tensor.mutable_data<float>();
    const uint64_t seed = seed_of(name);
    const auto size = static_cast<int64_t>(values.size());
    parallel_for((size + kBlock - 1) / kBlock, 1, [&](int64_t begin, int64_t end) {
      for (int64_t block = begin; block < end; ++block) {
        Random random(seed ^ Random(static_cast<uint64_t>(block)).next());
        const int64_t last = std::min(size, (block + 1) * kBlock);
        for (int64_t i = block * kBlock; i < last; ++i) {
          const double deviation = range.deviation * bell_shaped(random);
          values[static_cast<size_t>(i)] = range.mean + static_cast<float>(deviation);
        }
      }
    });
    return tensor;
  }
  Result<void> finish() override { return {}; }
};

}  // namespace

std::unique_ptr<WeightSource> random_weights() { return std::make_unique<RandomWeights>(); }

}  // namespace nitro::zoo
