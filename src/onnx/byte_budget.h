#pragma once

#include <onnx-ml.pb.h>

#include <cstdint>
#include <new>

#include "onnx/limits.h"

namespace nitro::onnx {

/// How many bytes of a model may be copied when it is expanded, strings included, which the arena
/// of its messages does not see. Throws std::bad_alloc once they are spent, as that arena does.
class ByteBudget {
 public:
  ByteBudget(const ::onnx::ModelProto& model, const Limits& limits)
      : left_(limits.message_budget / 4 + 4 * uint64_t{model.ByteSizeLong()}) {}

  void spend(uint64_t bytes) {
    if (bytes > left_) throw std::bad_alloc();
    left_ -= bytes;
  }

 private:
  uint64_t left_;
};

}  // namespace nitro::onnx
