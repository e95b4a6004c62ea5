#pragma once

#include <span>
#include <string>

#include "cli/console.h"

namespace nitro::cli {

/// Runs the command of `words` (without the program's name) and returns the exit code: that of the
/// verb, or that of its error, which has been reported. Nothing is thrown.
int run_command(std::span<const std::string> words, Console& console);

/// main() of nitro.
int run_command_line(int argc, const char* const* argv);

}  // namespace nitro::cli
