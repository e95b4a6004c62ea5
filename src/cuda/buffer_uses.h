#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"

namespace nitro::cuda {

/// The steps that write and read each buffer, in order, each once.
struct BufferUses {
  explicit BufferUses(const plan::Plan& plan);

  std::vector<std::vector<size_t>> writers;
  std::vector<std::vector<size_t>> readers;

  /// The step that alone writes the buffer; nothing where there are more or none.
  std::optional<size_t> writer(plan::BufferId buffer) const;
  /// The step that alone reads what one other alone writes; nothing where that is a port or a
  /// constant.
  std::optional<size_t> only_reader(const plan::Plan& plan, plan::BufferId buffer) const;
};

/// Appends a buffer without a place.
plan::BufferId add_arena_buffer(plan::Plan& plan, TensorType type);
plan::BufferId add_constant(plan::Plan& plan, Tensor tensor);
/// i32.
plan::BufferId add_table(plan::Plan& plan, const std::vector<int64_t>& numbers);

}  // namespace nitro::cuda
