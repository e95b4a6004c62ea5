#pragma once

#include <sys/types.h>

#include "base/error.h"
#include "base/file.h"
#include "runner/subprocess.h"

namespace nitro::runner {

/// A started child and our ends of its standard streams, which do not block.
struct Spawned {
  pid_t pid = -1;
  FileDescriptor input;
  FileDescriptor output;
  FileDescriptor errors;
};

/// Forks and executes `command` as the leader of a new process group that gets SIGKILL when the
/// calling thread ends. Fails with kEnvironment where the program cannot be executed.
Result<Spawned> spawn(const Command& command);

}  // namespace nitro::runner
