#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "runner/clocks.h"
#include "runner/registry.h"

namespace nitro::runner {

/// Whether one runner works here, and if not why and what would help.
struct Finding {
  std::string name;
  std::string description;
  bool works = false;
  std::string version;
  Json devices = Json::array();
  Json board = {};                         // runner/board_record.h, where it computes on one
  std::optional<BoardClocks> clocks = {};  // of that board, where it tells them
  std::string reason;
  std::string hint;
};

/// Starts each registered runner, says hello and bye.
std::vector<Finding> examine_runners(const StartOptions& options = {});

Json to_json(const std::vector<Finding>& findings);
/// One runner a line; reason and hint of a missing one on the lines below it.
std::string text(const std::vector<Finding>& findings);

}  // namespace nitro::runner
