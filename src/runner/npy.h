#pragma once

#include <filesystem>

#include "base/file.h"
#include "ir/tensor.h"

namespace nitro::runner {

/// Reads a .npy file, format 1 to 3, C or Fortran order, little-endian, of a dtype of the IR (bf16
/// is NumPy's "V2"). Fails with kBadFile, kUnsupportedDtype, kLimitExceeded or kInputOutput.
Result<Tensor> read_npy(const std::filesystem::path& path);

/// Reads the same from memory. `content` is the whole of the file.
Result<Tensor> parse_npy(std::string content);

/// Writes format 1.0, C order. `flush` as for write_file_atomic(): kLater for scratch files.
Result<void> write_npy(const std::filesystem::path& path, const Tensor& tensor,
                       Flush flush = Flush::kNow);

}  // namespace nitro::runner
