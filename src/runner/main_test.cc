// The test program is also the reference runner that its tests start.
#include <gtest/gtest.h>

#include <string_view>

#include "runner/reference_runner.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == "runner") return nitro::runner::serve_reference();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
