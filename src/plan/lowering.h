#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "plan/element.h"
#include "plan/lower.h"
#include "plan/matrix_view.h"
#include "plan/trace.h"
#include "plan/uses.h"

namespace nitro::plan {

struct PlacesInBuffer {
  BufferId buffer = kNoBuffer;
  MatrixPlaces places = {};
};

/// A plan while it is made, step by step in the order of execution.
class Lowering {
 public:
  /// `wide`: the values that f16 cannot hold (plan/wide_values.h); empty: none.
  Lowering(const Graph& graph, const Uses& uses, Precision precision, std::vector<bool> wide = {});

  const Graph& graph() const { return graph_; }
  const Uses& uses() const { return uses_; }

  /// How the plan stores the elements of a value.
  DType stored(ValueId value) const;
  /// Whether a value must not be rounded to f16.
  bool is_wide(ValueId value) const {
    return !wide_.empty() && value != kNoValue && wide_[value] && !graph_.constant(value);
  }
  /// Where the elements of a value lie, in order. Moves them there by a step if they do not yet.
  Result<BufferId> buffer_of(ValueId value);
  bool has_buffer(ValueId value) const { return buffers_.contains(value); }
  /// The value as elements of one that has a buffer.
  Traced traced(ValueId value) const;
  /// Where elements of a value lie in a buffer; adds the movement that they go through to `nodes`.
  Result<PlacesInBuffer> places_of(ValueId value, const MatrixPlaces& elements,
                                   std::vector<NodeId>& nodes);
  /// The view of elements of a value; adds the movement that it goes through to `nodes`.
  Result<MatrixView> view_of(ValueId value, const MatrixPlaces& elements,
                             std::vector<NodeId>& nodes);

  /// A new buffer for a value that the next step makes: the graph's output, or in the arena.
  BufferId add_result(ValueId value);
  BufferId add_constant(Tensor tensor);
  /// Numbers in the plan's precision, or in f32 where they do not fit.
  BufferId add_numbers(const Shape& shape, const std::vector<double>& numbers);
  BufferId add_floats(const std::vector<double>& numbers);
  AddTable add_table();

  /// `name` becomes unique by a number.
  void add_step(const std::string& name, Kernel kernel, std::vector<NodeId> nodes,
                Fusion fusion = {});
  Result<void> add_loop(const std::string& name, Fusion fusion);
  void add_copy(BufferId from, BufferId to, std::vector<NodeId> nodes);

  Plan& plan() { return plan_; }
  /// What each step computes if it is a Loop; for copies nothing.
  std::vector<Fusion>& fusions() { return fusions_; }
  std::map<ValueId, BufferId>& buffers() { return buffers_; }
  /// Adds the outputs that no step wrote yet, and places for all buffers.
  Result<void> finish();

 private:
  BufferId constant_buffer(ValueId value);
  /// Writes the outputs that are movement of something, all of one size by one step.
  Result<void> move_outputs();
  cost::Cost cost_of(const Kernel& kernel, const std::vector<NodeId>& nodes) const;

  const Graph& graph_;
  const Uses& uses_;
  std::vector<bool> wide_;
  Plan plan_;
  std::vector<Fusion> fusions_;
  std::map<ValueId, BufferId> buffers_;
  std::map<ValueId, BufferId> output_buffers_;  // not written yet
  std::unordered_multimap<size_t, BufferId> constants_;
  std::map<std::string, int> names_;
};

}  // namespace nitro::plan
