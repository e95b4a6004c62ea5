#pragma once

namespace nitro::cli {

/// From now on the first SIGINT or SIGTERM is only noted, and the second ends the process at once.
/// A reader of stdout that went away no longer ends the process either.
void handle_signals();

/// Whether to finish what is being done and stop.
bool interrupted();

/// 130 or 143 where interrupted, 0 otherwise.
int interrupt_exit_code();

}  // namespace nitro::cli
