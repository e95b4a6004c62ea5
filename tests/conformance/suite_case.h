#pragma once

#include <filesystem>

#include "ir/graph.h"
#include "manifest.h"

namespace nitro::conformance {

struct RunResult {
  Outcome outcome;
  bool exported = false;  // went through export and import again, with equal outputs
};

/// Runs one case of ONNX's backend test: a folder with model.onnx and
/// test_data_set_0/{input,output}_<i>.pb. Imports, executes, compares; then exports, imports again
/// and compares once more. An operator or data type that Nitro does not support is an outcome, any
/// other failure an error. Where `exported_folder` is not empty the exported model is left there.
Result<RunResult> run_case(const std::filesystem::path& folder,
                           const std::filesystem::path& exported_folder);

/// A case as a graph with the operands of its inputs.
struct BoundCase {
  Graph graph;
  std::vector<Tensor> inputs;
};

/// The graph of a case of such a folder; fails where it is unsupported too.
Result<BoundCase> bind_case(const std::filesystem::path& folder);

}  // namespace nitro::conformance
