#pragma once

#include <string>

#include "cli/arguments.h"
#include "optimize/accuracy_limits.h"

namespace nitro::cli {

/// The arguments by which a verb takes what accuracy a rewritten model must keep: --max-drop,
/// --min-accuracy, --min-cosine.
class LimitArguments {
 public:
  void declare(Arguments& arguments);
  /// Fails with kUsage on what is no share of the images.
  Result<optimize::AccuracyLimits> limits() const;

 private:
  static constexpr double kNotGiven = -2;
  double max_drop_ = kNotGiven;
  std::string min_accuracy_;
  double min_cosine_ = kNotGiven;
};

}  // namespace nitro::cli
