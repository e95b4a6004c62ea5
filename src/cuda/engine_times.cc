#include <algorithm>
#include <functional>
#include <optional>

#include "cuda/engine_state.h"
#include "cuda/stream_gate.h"

namespace nitro::cuda {
namespace {

/// Launches that may wait behind a gate (StreamGate): with the events between them, less than the
/// driver's queue holds.
constexpr size_t kMostWaiting = 256;

Result<Event> record_event(const std::shared_ptr<const Device>& device, CUstream stream) {
  CUevent handle = nullptr;
  TRY(device->check(device->api().event_create(&handle, kEventDefault), "make an event"));
  Event event(device, handle);
  TRY(device->check(device->api().event_record(handle, stream), "record an event"));
  return event;
}

Result<double> nanoseconds_between(const Device& device, const Event& start, const Event& end) {
  float milliseconds = 0;
  TRY(device.check(device.api().event_elapsed(&milliseconds, start.get(), end.get()),
                   "read an event"));
  return 1e6 * static_cast<double>(milliseconds);
}

/// Launches that are timed.
struct Series {
  size_t count = 0;
  size_t size = 1;  // launches of kernels in each
  std::function<Result<void>(size_t)> launch;
};

/// Launches [begin, end) so that none waits for the host, and appends what each took: all are
/// queued before the first runs, or, where they are too many for that, behind one that is not
/// timed.
Result<void> time_together(const std::shared_ptr<const Device>& device, CUstream stream,
                           const Series& series, size_t begin, size_t end,
                           std::vector<double>& times) {
  std::vector<Event> events;
  {
    std::optional<StreamGate> gate;
    if ((end - begin) * series.size <= kMostWaiting) {
      gate.emplace(TRY(StreamGate::close(*device, stream)));
    } else {
      TRY(series.launch(begin));
    }
    events.push_back(TRY(record_event(device, stream)));
    for (size_t i = begin; i < end; ++i) {
      TRY(series.launch(i));
      events.push_back(TRY(record_event(device, stream)));
    }
  }
  TRY(synchronize(*device, stream));
  for (size_t i = 1; i < events.size(); ++i) {
    times.push_back(TRY(nanoseconds_between(*device, events[i - 1], events[i])));
  }
  return {};
}

Result<std::vector<double>> time_each(const std::shared_ptr<const Device>& device, CUstream stream,
                                      const Series& series) {
  const CurrentContext current(*device);
  // Always an even number: what alternates is never torn apart.
  const size_t together =
      2 * std::max<size_t>(1, kMostWaiting / (2 * std::max<size_t>(1, series.size)));
  std::vector<double> times;
  for (size_t begin = 0; begin < series.count; begin += together) {
    const size_t end = std::min(series.count, begin + together);
    TRY(time_together(device, stream, series, begin, end, times));
  }
  return times;
}

}  // namespace

Result<std::vector<double>> Engine::times(std::span<const Recording* const> order) {
  return time_each(state_->device, stream(),
                   {order.size(), state_->plan.steps.size(),
                    [&](size_t i) { return order[i]->launch(stream()); }});
}

Result<std::vector<double>> Engine::step_times() {
  return time_each(state_->device, stream(), {state_->plan.steps.size(), 1, [&](size_t i) {
                                                return state_->launch_in_range(i, stream());
                                              }});
}

}  // namespace nitro::cuda
