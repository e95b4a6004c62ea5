#pragma once

#include <filesystem>

namespace nitro {

// The folders and temporary files that a process which ends without its destructors must not leave
// behind.

/// Does nothing where too many are noted, or the path is longer than 511 bytes.
void note_path(const std::filesystem::path& path);
void forget_path(const std::filesystem::path& path);

/// Has a child process remove what is noted once this process has ended. Async-signal-safe.
void remove_noted_paths_at_exit();

}  // namespace nitro
