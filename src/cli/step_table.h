#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "cuda/cubin_info.h"
#include "cuda/maxwell_code.h"
#include "cuda/program.h"

namespace nitro::cli {

/// A step of a plan as it runs on a device.
struct StepRow {
  std::string name;
  std::string family;
  cuda::Program program;
  std::optional<cuda::KernelResources> resources = {};  // where the program was compiled
  std::optional<cuda::InstructionMix> loop = {};        // where the code can be read
  double flops = 0;
  double bytes = 0;
  std::string module = {};  // the innermost that covers it
  std::vector<std::string> origins = {};
};

struct StepRows {
  std::vector<StepRow> rows;
  std::string architecture;
  std::string note = {};  // why there are no resources
};

/// The steps of `plan` made special for `target`, compiled where an NVRTC is found.
Result<StepRows> step_rows(const plan::Plan& plan, const cuda::Target& target);

std::string step_table(const StepRows& steps);
Json to_json(const StepRow& row);

}  // namespace nitro::cli
