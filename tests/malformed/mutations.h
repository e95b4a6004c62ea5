#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nitro::malformed {

struct MutationReport {
  int64_t mutants = 0;
  std::vector<std::string> broken;
};

/// Imports `model` truncated at every byte, with every bit flipped, and from every byte on
/// continued as `other`. Each must load or be refused as broken_promise() asks; a mutant that kills
/// its process is named, and the rest go on.
MutationReport import_mutants(const std::string& model, const std::string& other);

}  // namespace nitro::malformed
