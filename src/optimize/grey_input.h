#pragma once

#include "ir/tensor.h"
#include "optimize/sample_inputs.h"

namespace nitro::optimize {

/// A grey image [N,1,H,W] of 0..1, for an input `type` [N,1,H,W] or [N,3,H,W].
Tensor sample_grey(const TensorType& type, InputKind kind, uint64_t seed);

/// What EdgeVL feeds for a grey image [N,1,H,W] of 0..1 (pixel / 255, of 16-bit depth after its
/// stretching to 8 bits): [N,3,H,W], replicated, with the mean and deviation of ImageNet.
Tensor normalized_grey(const Tensor& plane);

}  // namespace nitro::optimize
