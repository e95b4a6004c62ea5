#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "ir/graph.h"
#include "optimize/workload.h"

namespace nitro::cli {

/// The arguments by which a verb takes inputs: --input, --pixels, --seed.
class InputArguments {
 public:
  void declare(Arguments& arguments);
  bool any_given() const { return !inputs_.empty(); }
  /// The tensors that the user gave for `wanted`. Fails with kUsage on unknown names,
  /// kShapeMismatch on tensors of another type, and the errors of reading files.
  Result<std::vector<optimize::GivenInput>> given(
      const std::vector<optimize::FrameInput>& wanted) const;
  /// A tensor for each input of `graph`; those not given are random. Fails as given() does.
  Result<runner::NamedTensors> tensors(const Graph& graph) const;
  /// Says that inputs without --input were random; "" where there were none.
  std::string note(const Graph& graph) const;
  bool raw() const { return pixels_ == "raw"; }  // pixels are fed as 0..255
  uint64_t seed() const { return static_cast<uint64_t>(seed_); }

 private:
  Result<Tensor> tensor(const std::string& source, const optimize::FrameInput& input,
                        size_t index) const;

  std::vector<std::string> inputs_;
  std::string pixels_ = "normalized";
  int64_t seed_ = 1;
};

}  // namespace nitro::cli
