#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "ir/tensor.h"
#include "onnx/limits.h"

namespace onnx {
class TensorProto;
}

namespace nitro::onnx {

/// The DType of a TensorProto.DataType number, or kUnsupportedDtype naming it.
Result<DType> dtype_from_onnx(int64_t data_type);
int dtype_to_onnx(DType dtype);

/// Where tensor messages come from.
struct TensorSource {
  const FileDescriptor& folder;       // external data is read from beneath it
  std::shared_ptr<const void> owner;  // keeps the messages alive; may be empty
  std::vector<std::string>& notes;    // receives what a user should know
  Limits limits = {};
};

/// Converts a tensor message, taking over its raw bytes (the message keeps none). Typed fields are
/// viewed where they have the layout of the dtype and the source has an owner.
Result<Tensor> take_tensor(::onnx::TensorProto& proto, const TensorSource& source);

/// The same without change to the message: its raw bytes are viewed too, or else copied.
Result<Tensor> view_tensor(const ::onnx::TensorProto& proto, const TensorSource& source);

}  // namespace nitro::onnx
