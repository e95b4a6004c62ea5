#pragma once

namespace nitro::cli {

/// For verbs that ask interrupted(): from now on the first SIGINT or SIGTERM is only noted, and the
/// second ends the process at once.
void note_signals();

/// Whether to finish what is being done and stop.
bool interrupted();

/// 130 or 143 where interrupted, 0 otherwise.
int interrupt_exit_code();

}  // namespace nitro::cli
