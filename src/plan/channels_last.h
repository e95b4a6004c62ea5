#pragma once

#include "plan/lowering.h"

namespace nitro::plan {

/// Stores images with their channels last: after each value [N, C, H, W] that a step of `graph`
/// would write, a Transpose to [N, H, W, C] and one back, for the step to end between the two.
/// Convolutions as products then read and write channels that lie together.
Result<Graph> with_channels_last(const Graph& graph);

/// The value between the two, if such a pair is all that reads `value`.
std::optional<ValueId> channels_last_of(const Lowering& lowering, ValueId value);

}  // namespace nitro::plan
