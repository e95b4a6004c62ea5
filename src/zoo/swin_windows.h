#pragma once

#include "zoo/module_builder.h"

namespace nitro::zoo {

inline constexpr int64_t kWindow = 7;
inline constexpr int64_t kShift = kWindow / 2;

/// torch.roll of the rows and columns of [batch, side, side, width] by `shift`: two Slices and a
/// Concat per axis.
Result<ValueId> roll(const ModuleBuilder& module, ValueId map, int64_t shift);

/// [batch, side, side, width] to windows [batch * windows, 49, width].
Result<ValueId> partition(const ModuleBuilder& module, ValueId map);

/// The inverse of partition().
Result<ValueId> reverse_partition(const ModuleBuilder& module, ValueId windows, int64_t side);

/// Which of the 13x13 offsets lies between each pair of positions of a window: i64[2401].
Tensor relative_position_index();

/// 0 between positions of a rolled map that were neighbours before, -100 between others:
/// f32[windows, 49, 49].
Tensor shift_mask(int64_t side);

}  // namespace nitro::zoo
