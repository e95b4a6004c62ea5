// Runs the device code of the cases of ONNX's backend test on the processor: each node on the
// operands that the reference gives it, and small graphs as one loop.

#include <gtest/gtest.h>

#include "cuda/loop_cases.h"
#include "find_cases.h"
#include "suite_case.h"

namespace nitro::conformance {
namespace {

constexpr size_t kAtOnce = 250;  // programs for one run of the compiler
constexpr size_t kFused = 12;    // nodes of the largest graph that is tried as one loop

/// Adds the nodes of a case.
void add_nodes(const std::string& name, const BoundCase& bound, cuda::LoopCases& loops) {
  std::vector<ValueId> all;
  for (const Node& node : bound.graph.nodes()) {
    all.insert(all.end(), node.outputs.begin(), node.outputs.end());
  }
  const auto results = reference::execute_values(bound.graph, bound.inputs, all);
  ASSERT_TRUE(results) << name << ": " << results.error().text();
  std::map<ValueId, Tensor> values;
  for (size_t i = 0; i < all.size(); ++i) values[all[i]] = (*results)[i];
  for (size_t i = 0; i < bound.inputs.size(); ++i) {
    values[bound.graph.inputs()[i]] = bound.inputs[i];
  }
  for (NodeId id = 0; id < bound.graph.nodes().size(); ++id) {
    const Node& node = bound.graph.node(id);
    loops.add_fusion(name + " " + display_name(node.op), bound.graph, {id}, node.outputs, values);
  }
}

/// Calls add(name, case, loops) for each case that passes, and runs what it adds.
template <class Add>
void run_all(double tolerance, Add add) {
  const Result<Manifest> manifest = read_manifest(NITRO_CONFORMANCE_MANIFEST);
  ASSERT_TRUE(manifest) << manifest.error().text();
  cuda::LoopCases loops;
  size_t cases = 0;
  size_t programs = 0;
  const auto flush = [&] {
    programs += loops.size();
    loops.expect_all(tolerance);
    loops = {};
  };
  for (const auto& folder : find_cases()) {
    const auto line = manifest->find(name_of(folder));
    if (line == manifest->end() || !line->second.passes) continue;
    const Result<BoundCase> bound = bind_case(folder);
    ASSERT_TRUE(bound) << folder << ": " << bound.error().text();
    ++cases;
    add(name_of(folder), *bound, loops);
    if (loops.size() >= kAtOnce) flush();
  }
  flush();
  if (cases == 0) GTEST_SKIP() << "no ONNX test data (install libonnx-testdata)";
  fmt::print("{} cases as {} programs\n", cases, programs);
}

TEST(EmulatedConformance, EveryNode) { run_all(1e-4, add_nodes); }

TEST(EmulatedConformance, WholeGraphs) {
  run_all(1e-3, [](const std::string& name, const BoundCase& bound, cuda::LoopCases& loops) {
    const size_t nodes = bound.graph.nodes().size();
    if (nodes > 1 && nodes <= kFused) loops.add_graph(name, bound.graph, bound.inputs);
  });
}

}  // namespace
}  // namespace nitro::conformance
