#pragma once

#include "cuda/tuning.h"

namespace nitro::cuda {

/// The tiles that `nitro tune` found for the products of the zoo's models on a device like
/// `target`; empty where none was searched.
Tuning shipped_tuning(const Target& target);

}  // namespace nitro::cuda
