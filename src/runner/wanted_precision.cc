#include "runner/wanted_precision.h"

#include <cstdlib>

#include "base/text.h"

namespace nitro::runner {

Result<plan::Precision> wanted_precision() {
  const char* wanted = std::getenv("NITRO_CUDA_PRECISION");
  const std::string_view word = wanted != nullptr ? wanted : "";
  if (word.empty() || word == "f16") return plan::Precision::kF16;
  if (word == "f32") return plan::Precision::kF32;
  return fail_with_hint(
      ErrorCode::kEnvironment,
      fmt::format("NITRO_CUDA_PRECISION is '{}', which is no precision", display(word, 40)),
      "set it to f16 or f32");
}

}  // namespace nitro::runner
