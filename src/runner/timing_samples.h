#pragma once

#include "measure/samples.h"
#include "runner/protocol.h"

namespace nitro::runner {

/// A runner's timing in the form that statistics take.
measure::Samples to_samples(const Timing& timing);

}  // namespace nitro::runner
