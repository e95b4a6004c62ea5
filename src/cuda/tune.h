#pragma once

#include <functional>
#include <string>

#include "cuda/engine.h"
#include "cuda/tuning.h"

namespace nitro::cuda {

struct Tuned {
  Tuning tuning;         // found, beyond that of the options
  double before_ns = 0;  // of one run, with the tuning of the options or by the rules
  double after_ns = 0;
  size_t products = 0;        // different ones that have several tiles on the device
  size_t tried_products = 0;  // less only where the search was ended early
  size_t tried = 0;           // tiles
  size_t failed = 0;          // of them: those that could not be run
  std::string failure = {};   // why the first of those could not
};

/// Tries the tiles of each product of the plan, those with the most work first, and keeps those
/// with which the whole plan is faster. `say` is told what happens; `stop` ends the search early.
Result<Tuned> tune(const plan::Plan& plan, const EngineOptions& options,
                   const std::function<void(const std::string&)>& say,
                   const std::function<bool()>& stop);

}  // namespace nitro::cuda
