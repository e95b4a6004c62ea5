#include "cuda/kernel_source.h"

#include "cuda_embedded.h"

namespace nitro::cuda {

std::string_view after_prelude(const Program& program) {
  const std::string_view source = program.source;
  if (!source.starts_with(embedded::prelude_cuh)) return {};
  return source.substr(embedded::prelude_cuh.size());
}

}  // namespace nitro::cuda
