#pragma once

#include <string>
#include <vector>

#include "measure/environment.h"
#include "runner/protocol.h"

namespace nitro::runner {

/// What makes times on a board worth less, of its record (runner/board_record.h).
std::vector<measure::QualityNote> board_notes(const Json& board);

/// The same of the machine that a runner computes on: that board, or this machine.
std::vector<measure::QualityNote> machine_notes(const RunnerInfo& info,
                                                const measure::Environment& here);

/// The record in a few words: "NVIDIA Jetson Nano, L4T 32.7.1 (JetPack 4.6.1), power mode 1,
/// GPU 76.8 of 640 MHz, 1.0 W".
std::string board_text(const Json& board);

}  // namespace nitro::runner
