#pragma once

#include <vector>

#include "onnx/import_model.h"
#include "runner/protocol.h"

namespace nitro::profile {

/// The nodes of the model file that one executed node stands for.
struct Covered {
  std::vector<size_t> nodes;  // indices into ImportedModel::nodes, sorted
  bool inserted = false;      // the backend made it; it borrows the nodes of a neighbour
};

/// For each executed node, what it covers. Where it names its origins: the nodes of the file that
/// have one of them. Otherwise everything of the file between its outputs and tensors that are
/// available without it; one whose outputs the file does not know (inserted reshapes, reorders,
/// renamed fusions) takes the cover of the reader of its output, or of the maker of its input.
/// Names are never taken apart.
std::vector<Covered> join(const onnx::ImportedModel& model,
                          const std::vector<runner::NodeTime>& executed);

}  // namespace nitro::profile
