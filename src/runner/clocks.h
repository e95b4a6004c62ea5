#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace nitro::runner {

/// One clock of a board, in hertz.
struct BoardClock {
  int64_t now = 0;
  int64_t most = 0;                     // in the board's power mode
  std::vector<int64_t> available = {};  // rising; empty: not told
  std::string cannot_set = {};          // why; empty: it can be set
};

/// What the verb `clocks` replies.
struct BoardClocks {
  std::optional<BoardClock> gpu = {};
  std::optional<BoardClock> emc = {};  // of the memory
  std::string sudoers = {};            // the line that lets its user set them; empty: not needed
};

/// What it is asked: clocks to be fixed, in hertz; or that all be as they were before.
struct ClocksWanted {
  std::optional<int64_t> gpu_hz = {};
  std::optional<int64_t> emc_hz = {};
  bool restore = false;
};

Json to_json(const BoardClocks& clocks);
Json to_json(const ClocksWanted& wanted);
/// kRunnerFailed, naming the first member that is missing, of the wrong type, or impossible.
Result<BoardClocks> parse_clocks(const Json& reply);
Result<ClocksWanted> parse_clocks_wanted(const Json& request);

}  // namespace nitro::runner
