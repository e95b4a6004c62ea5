#pragma once

#include <functional>
#include <vector>

#include "optimize/numerics.h"
#include "optimize/workload.h"
#include "zoo/open_model.h"

namespace nitro::optimize {

/// Compares the outputs of `rewritten` (also in the file `rewritten_file`) with those of the
/// original model, on the runner and on the reference executor, for all kinds of inputs of the
/// workload; on the runner within `tolerance`. A graph with opaque nodes is compared on the runner
/// alone. Fails with kInterrupted.
Result<std::vector<NumericCheck>> prove(const zoo::OpenedModel& original, const Graph& rewritten,
                                        const std::filesystem::path& rewritten_file,
                                        const Workload& workload, const RunSetup& setup,
                                        const Tolerance& tolerance);

}  // namespace nitro::optimize
