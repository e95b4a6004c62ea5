#pragma once

#include <nitro/engine_c.h>

#include "cuda/engine.h"

namespace nitro::cuda {

/// The engine of the C interface; null, with `error` filled, where `loaded` is one.
nitro_engine* c_engine(Result<Engine> loaded, nitro_engine_error* error);

}  // namespace nitro::cuda
