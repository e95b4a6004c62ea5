#pragma once

#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/model_arguments.h"
#include "cli/runner_arguments.h"
#include "optimize/optimize.h"

namespace nitro::cli {

/// What `optimize` and `search` have in common: the frame, the runner, and the files of a result.
class FrameArguments {
 public:
  /// What a frame is made of.
  void declare_frame(Arguments& arguments);
  /// How it is compared in the end, and where results go; `what` of them -o holds.
  void declare_output(Arguments& arguments, const std::string& what);

  /// All of the comparison but inputs, recipe, seed and images. Fails on what the options say, on a
  /// runner that is not there, and on files that must not be replaced; makes the folder.
  Result<optimize::OptimizeOptions> options(Console& console);
  /// Writes the report, prints `text` and where the files are; the exit code, with a sentence for
  /// each limit that does not hold.
  Result<int> finish(Console& console, const optimize::Optimized& optimized,
                     const std::string& text) const;

  const std::filesystem::path& output() const { return output_; }

 private:
  Result<void> prepare_files(const optimize::OptimizeOptions& options) const;

  ModelArguments model_;
  RunnerArguments runner_;
  std::string modalities_;
  std::string grey_;
  int64_t repetitions_ = 7;
  bool force_ = false;
  std::filesystem::path output_ = ".";
  std::filesystem::path report_;
};

}  // namespace nitro::cli
