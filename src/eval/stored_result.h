#pragma once

#include <map>

#include "base/json.h"
#include "eval/scores.h"

namespace nitro::eval {

/// The decisions that a result of `nitro eval` keeps.
struct StoredResult {
  std::vector<std::string> classes;      // candidates
  std::vector<size_t> labels;            // of the scenes
  std::map<std::string, size_t> scenes;  // id -> place
  std::map<std::string, Decisions> modalities;
};

/// Reads a document of kind "eval". Fails with kBadFile, naming the first member that is missing or
/// impossible.
Result<StoredResult> parse_stored_result(const Json& document);

}  // namespace nitro::eval
