#pragma once

#include <string_view>

#include "ir/tensor.h"

namespace nitro::optimize {

/// What an input is filled with. kNatural: smooth structure at many scales with edges, normalised
/// as images are; inputs that are not image-like (rank 4 with 1 or 3 channels) are random all the
/// same. kGiven: what the user gave, and natural where nothing was given.
enum class InputKind : uint8_t { kRandom, kNatural, kGiven };
std::string_view name(InputKind kind);

/// A made tensor of `type`, the same for the same seed on every machine. Integers are 0 or 1.
Tensor sample_input(const TensorType& type, InputKind kind, uint64_t seed);

}  // namespace nitro::optimize
