#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "base/error.h"
#include "onnx/limits.h"

namespace nitro::onnx {

/// Writes the model of file `source` to `target`, which may lie in another folder: external data is
/// taken into it, functions are inlined as import_model() does, and the tensors `outputs` become
/// outputs too. Fails as load_model() and inline_functions() do, with kUnsupportedOp where
/// functions need two opsets of one domain, and with kLimitExceeded above the 2 GiB that a file
/// holds.
Result<void> write_standalone(const std::filesystem::path& source,
                              const std::filesystem::path& target,
                              std::span<const std::string> outputs, const Limits& limits);

}  // namespace nitro::onnx
