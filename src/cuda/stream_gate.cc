#include "cuda/stream_gate.h"

#include <chrono>

namespace nitro::cuda {
namespace {

using Opened = std::shared_ptr<std::binary_semaphore>;

/// The driver calls it when the stream gets there. It has a share of its own of the semaphore,
/// because it may outlive the gate.
void wait_until_open(void* argument) {
  const std::unique_ptr<Opened> opened(static_cast<Opened*>(argument));
  (void)(*opened)->try_acquire_for(std::chrono::seconds(2));
}

}  // namespace

Result<StreamGate> StreamGate::close(const Device& device, CUstream stream) {
  auto opened = std::make_shared<std::binary_semaphore>(0);
  auto argument = std::make_unique<Opened>(opened);
  TRY(device.check(device.api().launch_host_function(stream, wait_until_open, argument.get()),
                   "hold a stream back"));
  argument.release();
  return StreamGate(std::move(opened));
}

void StreamGate::open() {
  if (const Opened opened = std::exchange(opened_, nullptr)) opened->release();
}

}  // namespace nitro::cuda
