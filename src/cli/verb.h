#pragma once

#include "cli/arguments.h"
#include "cli/console.h"

namespace nitro::cli {

/// One verb of the command line, made anew for each use.
class Verb {
 public:
  virtual ~Verb() = default;
  /// Names what it takes and binds it to members.
  virtual void declare(Arguments& arguments) = 0;
  /// Does it; returns the exit code.
  virtual Result<int> run(Console& console) = 0;
};

}  // namespace nitro::cli
