#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "runner/client.h"

namespace nitro::runner {

/// A known backend and how to get it.
struct RegisteredRunner {
  std::string_view name;
  std::string_view description;
  std::string_view python_module;  // empty: `nitro runner NAME`, beside this executable
  std::string_view hint;           // how to install what it needs
  bool has_precision = false;      // StartOptions::precision means something to it
};

/// All known runners, sorted by name.
std::span<const RegisteredRunner> registered_runners();

struct StartOptions {
  std::filesystem::path python;  // --python; empty: found by find_python()
  Patience patience = {};
  std::string precision = {};  // f16 or f32, for runners that have the choice; empty: theirs
  std::string board = {};      // ssh://user@host, for the runners ssh and trtexec
  bool lock_clocks = false;    // of that board, while it computes
};

/// How to start the runner `name`. Unknown names are kUsage, with the closest known one.
Result<Command> command_for(std::string_view name, const StartOptions& options);

/// Starts the runner `name` and says hello. A runner that fails there gets the hint of its row.
Result<Runner> start_runner(std::string_view name, const StartOptions& options = {});

}  // namespace nitro::runner
