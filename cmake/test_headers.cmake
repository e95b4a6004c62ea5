# The headers that nearly every test includes, compiled once for all of them. The sources of the layers
# do without, so that each still names what it needs.

# Tests are compiled more often than run. g++ 12 at -O1 sees std::string copy out of bounds where it does
# not (GCC bug 105329). ccache needs the last option.
set(NITRO_TEST_OPTIONS ${NITRO_WARNINGS} -O1 -Wno-array-bounds -Wno-stringop-overflow -fpch-preprocess)

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_headers.cc CONTENT "" @ONLY)
add_library(nitro_test_headers OBJECT ${PROJECT_BINARY_DIR}/test_headers.cc)
target_include_directories(nitro_test_headers PRIVATE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(nitro_test_headers PRIVATE ${NITRO_TEST_OPTIONS})
target_link_libraries(nitro_test_headers PRIVATE fmt::fmt GTest::gtest)
target_precompile_headers(nitro_test_headers PRIVATE <gtest/gtest.h> <fmt/format.h> <algorithm>
  <array> <cmath> <filesystem> <map> <numeric> <set> <span> <thread>
  ${PROJECT_SOURCE_DIR}/src/ir/graph.h)

function(nitro_compile_as_test target)
  target_compile_options(${target} PRIVATE ${NITRO_TEST_OPTIONS})
  target_precompile_headers(${target} REUSE_FROM nitro_test_headers)
endfunction()
