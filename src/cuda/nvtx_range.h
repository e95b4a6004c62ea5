#pragma once

#include <string>

namespace nitro::cuda {

/// A range of this thread that profilers of NVTX (Nsight Systems and others) show under `name`,
/// from its making to its end; without one, it costs next to nothing.
class NvtxRange {
 public:
  explicit NvtxRange(const std::string& name);
  NvtxRange(const NvtxRange&) = delete;
  NvtxRange& operator=(const NvtxRange&) = delete;
  ~NvtxRange();
};

}  // namespace nitro::cuda
