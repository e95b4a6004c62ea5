#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nitro::conformance {

/// The folders of the cases in $NITRO_ONNX_TESTDATA, else where CMake found them; none where
/// neither is there.
std::vector<std::filesystem::path> find_cases();

/// "test_abs"; "simple/test_shrink" outside the group of node cases.
std::string name_of(const std::filesystem::path& folder);

}  // namespace nitro::conformance
