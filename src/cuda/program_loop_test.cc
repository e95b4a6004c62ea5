#include <gtest/gtest.h>

#include "cuda/kernel_source.h"
#include "cuda/program_families.h"

namespace nitro::cuda {
namespace {

TEST(ProgramLoop, CoversAllElements) {
  for (int64_t lanes : {1, 32}) {
    for (int64_t elements : {0, 1, 7, 255, 256, 257, 100000, 3000001}) {
      plan::Loop loop;
      loop.elements = elements;
      loop.lanes = lanes;
      const Program program = program_of({}, loop, target_of(90)).value();
      EXPECT_GE(program.grid[0] * program.threads, elements * lanes);
      EXPECT_GE(program.grid[0], 1);
      EXPECT_EQ(program.threads % 32, 0);
      EXPECT_TRUE(after_prelude(program).contains("step()"));
    }
  }
}

TEST(ProgramLoop, SmallerBlocksWhereFewWouldRun) {
  plan::Loop loop;
  loop.elements = 196;
  loop.lanes = 32;
  EXPECT_EQ(program_of({}, loop, target_of(90)).value().threads, 64);
  EXPECT_EQ(program_of({}, loop, target_of(53)).value().threads, 256);
}

TEST(ProgramLoop, ManyElementsAreCountedInLongIntegers) {
  plan::Loop loop;
  loop.elements = int64_t{1} << 31;
  EXPECT_TRUE(
      after_prelude(program_of({}, loop, target_of(90)).value()).contains("const long long i"));
}

}  // namespace
}  // namespace nitro::cuda
