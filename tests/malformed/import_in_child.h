#pragma once

#include <filesystem>
#include <string>

namespace nitro::malformed {

/// What a child process that imported a model left behind.
struct ChildOutcome {
  std::string died;   // by which signal, or above which bound; "" where it ended by itself
  int exit_code = 0;  // the class of the error, 0 where the model was imported
  std::string text;   // of the error
};

/// Imports `model`, verifies the graph and exports it, in a child process with a bound on memory
/// (96 MiB and ten times a refused file; not under a sanitizer) and a generous one on time.
ChildOutcome import_in_child(const std::filesystem::path& model);

/// The same in this process; returns the exit code and leaves the message in `text`.
int import_here(const std::filesystem::path& model, std::string& text);

/// What every refusal promises: exit code 3, a message without control characters or source paths.
/// Returns what is broken, "" if nothing is.
std::string broken_promise(int exit_code, const std::string& text);

}  // namespace nitro::malformed
