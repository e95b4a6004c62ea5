#pragma once

#include <atomic>
#include <memory>

#include "cuda/device.h"

namespace nitro::cuda {

/// Holds a stream back until it is opened, so that what is put into the stream meanwhile runs without
/// waiting for the host in between. At most a few hundred things: the driver's queue is finite and the
/// host would wait for it.
class StreamGate {
 public:
  /// The device's context must be current.
  static Result<StreamGate> close(const Device& device, CUstream stream);
  StreamGate(StreamGate&&) = default;
  StreamGate& operator=(StreamGate&&) = delete;
  ~StreamGate() { open(); }

  void open();

 private:
  using Flag = std::atomic<bool>;
  explicit StreamGate(std::shared_ptr<Flag> opened) : opened_(std::move(opened)) {}
  std::shared_ptr<Flag> opened_;
};

}  // namespace nitro::cuda
