#pragma once

#include <variant>
#include <vector>

#include "plan/attention_step.h"
#include "plan/product.h"

namespace nitro::plan {

/// The nodes of one step.
using Group = std::variant<Product, AttentionGroup, Fusion>;

const std::vector<NodeId>& nodes_of(const Group& group);

/// All live nodes of the graph in groups, but for movement that is not part of one: that is done
/// where a result is read. The groups lie in the order in which they can run. Fails with
/// kUnsupportedOp.
Result<std::vector<Group>> groups_of(const Lowering& lowering);

/// Lets products and attentions write their results to where movement after them would put them,
/// where that makes reading simpler or faster.
void take_movement(const Lowering& lowering, std::vector<Group>& groups);

/// The same for fusions, whose results the products and attentions in `readers` read.
void take_movement(const Lowering& lowering, const std::vector<Group>& readers,
                   std::vector<Fusion>& fusions);

/// Nodes that are in no group yet, in fusions.
std::vector<Fusion> fusions_of(const Lowering& lowering, const std::vector<bool>& taken);

}  // namespace nitro::plan
