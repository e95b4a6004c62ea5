#include "find_cases.h"

#include <algorithm>
#include <cstdlib>

namespace nitro::conformance {

namespace fs = std::filesystem;

std::vector<fs::path> find_cases() {
  const char* given = std::getenv("NITRO_ONNX_TESTDATA");
  const fs::path root = given ? given : NITRO_ONNX_TESTDATA;
  std::vector<fs::path> cases;
  for (const char* group : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(root / group, ignored)) {
      if (fs::exists(entry.path() / "model.onnx")) cases.push_back(entry.path());
    }
  }
  std::ranges::sort(cases);
  return cases;
}

std::string name_of(const fs::path& folder) {
  const fs::path group = folder.parent_path().filename();
  return group == "node" ? folder.filename() : group / folder.filename();
}

}  // namespace nitro::conformance
