#pragma once

#include <string>
#include <string_view>

#include "base/file.h"
#include "ir/tensor.h"
#include "onnx/limits.h"

namespace nitro::onnx {

/// The entries of a tensor's external_data, as text from the file.
struct ExternalReference {
  std::string location;
  std::string offset;  // "" where not given
  std::string length;  // "" where not given
};

/// Reads the bytes of a tensor that lie in another file. The only place that opens a path named by
/// a model: beneath `folder`, regular files only, links as `limits` allow them. Fails with
/// kBadExternalData. A hard link that is allowed is said in `note`.
Result<Tensor> read_external_data(const FileDescriptor& folder, const ExternalReference& reference,
                                  TensorType type, const Limits& limits, std::string& note);

}  // namespace nitro::onnx
