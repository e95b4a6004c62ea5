#include "cuda/stream_gate.h"

namespace nitro::cuda {
namespace {

/// The driver calls it when the stream gets there. It has a share of its own of the flag, because it
/// may outlive the gate.
void wait_until_open(void* argument) {
  const std::unique_ptr<std::shared_ptr<std::atomic<bool>>> opened(
      static_cast<std::shared_ptr<std::atomic<bool>>*>(argument));
  (*opened)->wait(false);
}

}  // namespace

Result<StreamGate> StreamGate::close(const Device& device, CUstream stream) {
  auto opened = std::make_shared<Flag>(false);
  auto argument = std::make_unique<std::shared_ptr<Flag>>(opened);
  TRY(device.check(device.api().launch_host_function(stream, wait_until_open, argument.get()),
                   "hold a stream back"));
  argument.release();
  return StreamGate(std::move(opened));
}

void StreamGate::open() {
  if (opened_ == nullptr) return;
  opened_->store(true);
  opened_->notify_all();
}

}  // namespace nitro::cuda
