#include "cuda/nvtx_range.h"

#include <nvtx3/nvToolsExt.h>

namespace nitro::cuda {

NvtxRange::NvtxRange(const std::string& name) { nvtxRangePushA(name.c_str()); }
NvtxRange::~NvtxRange() { nvtxRangePop(); }

}  // namespace nitro::cuda
