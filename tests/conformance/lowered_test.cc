// Lowers the cases of ONNX's backend test and runs their plans on the processor, loops by the reference.

#include <gtest/gtest.h>

#include "find_cases.h"
#include "plan/lowering_case.h"
#include "suite_case.h"

namespace nitro::conformance {
namespace {

constexpr size_t kMostElements = 1 << 20;  // of the values of a case, for the sake of time

size_t elements(const Graph& graph) {
  size_t sum = 0;
  for (const Value& value : graph.values()) sum += static_cast<size_t>(value.type.elements());
  return sum;
}

TEST(LoweredConformance, EveryCase) {
  const Result<Manifest> manifest = read_manifest(NITRO_CONFORMANCE_MANIFEST);
  ASSERT_TRUE(manifest) << manifest.error().text();
  size_t cases = 0;
  for (const auto& folder : find_cases()) {
    const auto line = manifest->find(name_of(folder));
    if (line == manifest->end() || !line->second.passes) continue;
    SCOPED_TRACE(name_of(folder));
    const Result<BoundCase> bound = bind_case(folder);
    ASSERT_TRUE(bound) << bound.error().text();
    if (elements(bound->graph) > kMostElements) continue;
    const Result<Graph> prepared = plan::prepare(bound->graph);
    ASSERT_TRUE(prepared) << prepared.error().text();
    plan::LoweredGraph lowered(*prepared, plan::Precision::kF32);
    if (!::testing::Test::HasFailure()) plan::expect_computes(bound->graph, lowered, bound->inputs);
    ++cases;
  }
  if (cases == 0) GTEST_SKIP() << "no ONNX test data (install libonnx-testdata)";
  fmt::print("{} cases\n", cases);
}

}  // namespace
}  // namespace nitro::conformance
