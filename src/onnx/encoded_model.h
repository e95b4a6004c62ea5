#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ir/tensor.h"

namespace nitro::onnx {

class ExportState;

/// A model file in pieces: encoded messages, and between them the weights as the graph holds them.
class EncodedModel {
 public:
  /// Fails with kLimitExceeded above the 2 GiB that a single file holds.
  static Result<EncodedModel> of(ExportState state);

  /// The consecutive parts of the file; views of this.
  std::vector<std::string_view> pieces() const;
  int64_t size() const;  // bytes
  std::string joined() const;

 private:
  std::vector<std::string> messages_;  // messages_[i] stands before the bytes of tensors_[i]
  std::vector<Tensor> tensors_;
};

}  // namespace nitro::onnx
