#pragma once

#include <functional>

#include "plan/element.h"

namespace nitro::plan {

/// What `fusion` does to the rows of a matrix, if it is nothing more than one such work: kOther
/// where it is something else.
RowWork row_work(const Graph& graph, const Fusion& fusion,
                 const std::function<BufferId(ValueId)>& buffer_of);

}  // namespace nitro::plan
