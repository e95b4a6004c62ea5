#pragma once

#include "ir/tensor.h"

namespace nitro::passes {

inline constexpr double kGreatestHalf = 65504;
/// Below it f16 has fewer bits the smaller a number is, and nothing below 2^-25.
inline constexpr double kLeastNormalHalf = 0x1p-14;

/// Whether a finite element of `tensor` is infinite in f16.
bool overflows_half(const Tensor& tensor);

/// Whether most elements of `tensor` other than 0 lie below kLeastNormalHalf.
bool is_mostly_subnormal_half(const Tensor& tensor);

/// `tensor` as f16.
Tensor to_half(const Tensor& tensor);

/// `mask`, which a softmax takes the sum of scores with, as f16: what would be beyond its range, or
/// leave it with a score, is still far below any score.
Tensor mask_to_half(const Tensor& mask);

}  // namespace nitro::passes
