#pragma once

#include <string>

#include "cli/input_arguments.h"
#include "plan/plan_file.h"

namespace nitro::cli {

/// The arguments by which a verb makes a plan: --precision, --fp16, --arch, and those of inputs.
class PlanArguments {
 public:
  void declare(Arguments& arguments);
  /// Whether one of them was given.
  bool given() const {
    return !precision_.empty() || fp16_ || !architecture_.empty() || inputs_.any_given();
  }
  /// `graph` as a plan, which with f16 keeps in f32 what that cannot hold on the inputs, with the
  /// kernels for --arch where that was given.
  Result<plan::PlanFile> make(const Graph& graph) const;

 private:
  std::string precision_;
  std::string architecture_;
  bool fp16_ = false;
  InputArguments inputs_;
};

}  // namespace nitro::cli
