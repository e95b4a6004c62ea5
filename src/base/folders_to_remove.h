#pragma once

#include <filesystem>

namespace nitro {

// The folders that a process which ends without its destructors must not leave behind.

/// Does nothing where too many are noted, or the path is longer than 511 bytes.
void note_folder(const std::filesystem::path& path);
void forget_folder(const std::filesystem::path& path);

/// Has a child process remove the noted folders once this process has ended. Async-signal-safe.
void remove_noted_folders_at_exit();

}  // namespace nitro
