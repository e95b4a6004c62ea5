#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace nitro::runner {

/// A mode of nvpmodel with the limits that it sets, in hertz; kNoLimit where it sets none.
struct PowerMode {
  static constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

  int64_t number = 0;
  std::string name = {};
  int64_t gpu = kNoLimit;
  int64_t memory = kNoLimit;
  int64_t cpu = kNoLimit;  // of the cluster with the highest; in kilohertz, as the file has it
  int64_t cores = 0;       // that it switches on by name
};

/// The modes of /etc/nvpmodel.conf below `root`, in its order; none where it cannot be read. What
/// is no mode of it is passed over.
std::vector<PowerMode> power_modes(const std::filesystem::path& root);

/// Whether one network on the GPU may be slower in `mode` than in `other`: by the limit of the
/// GPU's clock; where it is the same by that of the memory, then of the processors, then by their
/// number.
bool is_slower(const PowerMode& mode, const PowerMode& other);

}  // namespace nitro::runner
