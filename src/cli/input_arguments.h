#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "ir/graph.h"
#include "runner/client.h"

namespace nitro::cli {

/// The arguments by which a verb takes the inputs of a call: --input, --pixels, --seed.
class InputArguments {
 public:
  void declare(Arguments& arguments);
  /// A tensor for each input of `graph`; those not named are random. Fails with kUsage on unknown
  /// names, kShapeMismatch on tensors of another type, and the errors of reading files.
  Result<runner::NamedTensors> tensors(const Graph& graph) const;
  /// Says that inputs without --input were random; "" where there were none.
  std::string note(const Graph& graph) const;

 private:
  Result<Tensor> tensor(const std::string& source, const TensorType& type, size_t index) const;

  std::vector<std::string> inputs_;
  std::string pixels_ = "normalized";
  int64_t seed_ = 1;
};

}  // namespace nitro::cli
