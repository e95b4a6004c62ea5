#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace nitro::trace {

/// An output of trtexec --exportOutput. Numbers are written with six digits.
struct TrtexecOutput {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<double> values;  // with infinities and NaN
};

/// Fails with kBadFile where the text is something else, or an output has not as many values as its
/// shape.
Result<std::vector<TrtexecOutput>> parse_trtexec_output(std::string_view text);
Result<std::vector<TrtexecOutput>> read_trtexec_output(const std::filesystem::path& path);

}  // namespace nitro::trace
