#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"

namespace nitro::conformance {

/// What a case is expected to do, or did.
struct Outcome {
  bool passes = false;
  std::string unsupported;  // the operator and opset, or the data type, that stops it
};

/// By case name.
using Manifest = std::map<std::string, Outcome>;

/// Lines "pass NAME" and "unsupported NAME: WHY". Fails with kBadFile, naming the line.
Result<Manifest> read_manifest(const std::filesystem::path& path);
Result<void> write_manifest(const Manifest& manifest, const std::filesystem::path& path);

}  // namespace nitro::conformance
