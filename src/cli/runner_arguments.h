#pragma once

#include <filesystem>
#include <string>

#include "cli/arguments.h"
#include "optimize/frame.h"
#include "zoo/open_model.h"

namespace nitro::cli {

/// The arguments by which a verb takes a runner and how it is to load a model.
class RunnerArguments {
 public:
  void declare(Arguments& arguments);
  /// `shapes` of inputs that have free dimensions.
  optimize::RunSetup setup(const std::map<std::string, Shape>& shapes) const;
  /// What --device names, where that is no board at the other end of ssh.
  std::string predicted_device() const;
  /// kUsage, naming `option`, where --device names no board.
  Result<void> needs_board(std::string_view option) const;
  /// kUsage where the runner cannot be where --device says.
  Result<void> check_runner() const;
  /// The same where --device must not name a device that is not here.
  Result<void> check_board() const;

 private:
  bool on_board() const;
  /// That of --runner, or else the one for where the model is to run.
  std::string runner() const;

  std::string device_;
  std::string runner_;
  std::string graph_level_ = "all";
  std::string provider_;
  std::string precision_;
  std::filesystem::path python_;
  int64_t threads_ = 0;
  bool no_spin_ = false;
  bool fp16_ = false;
  bool lock_clocks_ = false;
};

}  // namespace nitro::cli
