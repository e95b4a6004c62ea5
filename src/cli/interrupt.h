#pragma once

namespace nitro::cli {

/// SIGINT, SIGTERM and SIGHUP end the process at once, and nothing of it is left.
void end_on_signals();

/// For verbs that ask interrupted(): from now on the first SIGINT or SIGTERM is only noted, and the
/// second ends the process at once, unless it comes so soon that both are one request.
void note_signals();

/// Whether to finish what is being done and stop.
bool interrupted();

/// 130 or 143 where interrupted, 0 otherwise.
int interrupt_exit_code();

}  // namespace nitro::cli
