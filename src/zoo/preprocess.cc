#include "zoo/preprocess.h"

namespace nitro::zoo {
namespace {

Tensor per_channel(const std::array<double, 3>& values) {
  return Tensor::of(DType::kF32, {1, 3, 1, 1}, std::vector(values.begin(), values.end()));
}

}  // namespace

Result<ValueId> preprocess(const ModuleBuilder& root, ValueId image,
                           const ChannelStatistics& statistics) {
  const ModuleBuilder module = root.child("preprocess");
  const Shape shape = module.shape(image);
  if (shape[1] == 1) {
    image = TRY(module.emit(Expand{{shape[0], 3, shape[2], shape[3]}}, {image}));
  }
  const ValueId range = module.constant(Tensor::scalar(DType::kF32, 255));
  const ValueId mean = module.constant(per_channel(statistics.mean), "mean");
  const ValueId deviation = module.constant(per_channel(statistics.deviation), "std");
  const ValueId unit = TRY(module.emit(Binary{BinaryKind::kDiv}, {image, range}));
  const ValueId centred = TRY(module.emit(Binary{BinaryKind::kSub}, {unit, mean}));
  return module.emit(Binary{BinaryKind::kDiv}, {centred, deviation});
}

}  // namespace nitro::zoo
