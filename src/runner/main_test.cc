// The test program is also the runners of Nitro that its tests start.
#include <gtest/gtest.h>

#include <string_view>

#include "runner/cuda_runner.h"
#include "runner/model_plan.h"
#include "runner/reference_runner.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "runner") {
    return std::string_view(argv[2]) == "cuda"
               ? nitro::runner::serve_cuda(nitro::runner::model_plan)
               : nitro::runner::serve_reference();
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
