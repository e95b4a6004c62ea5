#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plan/plan.h"

namespace nitro::plan {

/// The kernel that was generated for a step.
struct EmbeddedKernel {
  std::string name = {};  // of the step, or of several that the device does in one
  std::string variant = {};
  std::array<int64_t, 3> grid = {1, 1, 1};
  int64_t threads = 1;
  int64_t shared_bytes = 0;
  int64_t cluster = 1;
  std::string source = {};
  bool operator==(const EmbeddedKernel&) const = default;
};

/// The kernels of all steps for one architecture, at most one for each, to be read by people and
/// compiled by others. What executes a plan makes its own.
struct EmbeddedKernels {
  int compute_capability = 0;
  std::vector<EmbeddedKernel> steps;
  bool operator==(const EmbeddedKernels&) const = default;
};

/// What a file with a plan holds (docs/plan-format.md).
struct PlanFile {
  Plan plan;
  std::optional<EmbeddedKernels> kernels = {};
};

/// The bytes of a file, in pieces.
struct EncodedPlan {
  std::string head;
  std::string constants;
  std::string digest;
  std::array<std::string_view, 3> pieces() const { return {head, constants, digest}; }
};

/// kInternal for a plan that was already packed for a device.
Result<EncodedPlan> encode_plan(const PlanFile& file);
Result<void> write_plan(const std::filesystem::path& path, const PlanFile& file);

/// Reads and checks everything that keeps the steps inside their buffers. kBadFile or
/// kLimitExceeded says what is wrong. Constants are views of the content.
Result<PlanFile> parse_plan(std::string content);
Result<PlanFile> read_plan(const std::filesystem::path& path);

/// Whether a file that begins like this is meant as a plan.
bool is_plan(std::string_view beginning);
/// The same of the file; false where it cannot be read.
bool is_plan_file(const std::filesystem::path& path);

}  // namespace nitro::plan
