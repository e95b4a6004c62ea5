#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "ir/tensor.h"

namespace onnx {
class TensorProto;
}

namespace nitro::onnx {

/// The DType of a TensorProto.DataType number, or kUnsupportedDtype naming it.
Result<DType> dtype_from_onnx(int64_t data_type);
int dtype_to_onnx(DType dtype);

/// Converts a tensor message, taking over its raw bytes (the message keeps none). External data is
/// read from beneath `folder`. `notes` receives what a user should know.
Result<Tensor> take_tensor(::onnx::TensorProto& proto, const FileDescriptor& folder,
                           std::vector<std::string>& notes);

}  // namespace nitro::onnx
