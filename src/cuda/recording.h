#pragma once

#include <functional>
#include <memory>

#include "cuda/handle.h"

namespace nitro::cuda {

/// Work that was put into a stream once and can be given to any stream of its device again, at the
/// cost of one launch (a CUDA graph).
class Recording {
 public:
  Recording() = default;
  /// Records what `work` puts into `stream`, which is not run.
  static Result<Recording> record(const std::shared_ptr<const Device>& device, CUstream stream,
                                  const std::function<Result<void>()>& work);

  /// Puts the work into a stream; allocates nothing. The device's context must be current.
  Result<void> launch(CUstream stream) const;

 private:
  std::shared_ptr<const Device> device_;
  GraphExecutable executable_;
};

}  // namespace nitro::cuda
