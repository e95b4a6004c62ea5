#pragma once

#include "cli/arguments.h"
#include "runner/protocol.h"

namespace nitro::cli {

/// The arguments by which a verb takes how long to measure. --iterations, --duration and --warmup
/// mean what they mean to trtexec.
class TimeArguments {
 public:
  explicit TimeArguments(int64_t repetitions) : repetitions_(repetitions) {}
  void declare(Arguments& arguments);
  runner::TimeRules rules() const;
  int repetitions() const { return static_cast<int>(repetitions_); }

 private:
  int64_t repetitions_;
  int64_t iterations_ = 10;
  double duration_s_ = 0.5;
  double warmup_ms_ = 200;
};

}  // namespace nitro::cli
