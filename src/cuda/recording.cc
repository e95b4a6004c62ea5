#include "cuda/recording.h"

#include "cuda/device_memory.h"

namespace nitro::cuda {
namespace {

Result<Graph> capture(const std::shared_ptr<const Device>& device, CUstream stream,
                      const std::function<Result<void>()>& work) {
  const DriverApi& api = device->api();
  TRY(device->check(api.begin_capture(stream, kCaptureThreadLocal), "begin to record"));
  const Result<void> worked = work();
  CUgraph graph = nullptr;
  const CUresult ended = api.end_capture(stream, &graph);
  Graph owned(device, graph);
  TRY(worked);
  TRY(device->check(ended, "record the launches"));
  return owned;
}

Result<GraphExecutable> instantiate(const std::shared_ptr<const Device>& device, CUgraph graph) {
  const DriverApi& api = device->api();
  CUgraphExec executable = nullptr;
  const CUresult result =
      api.graph_instantiate != nullptr
          ? api.graph_instantiate(&executable, graph, 0)
          : api.graph_instantiate_old(&executable, graph, nullptr, nullptr, 0);
  TRY(device->check(result, "make a graph of the launches"));
  return GraphExecutable(device, executable);
}

}  // namespace

Result<Recording> Recording::record(const std::shared_ptr<const Device>& device, CUstream stream,
                                    const std::function<Result<void>()>& work) {
  const CurrentContext current(*device);
  const Graph graph = TRY(capture(device, stream, work));
  Recording recording;
  recording.device_ = device;
  recording.executable_ = TRY(instantiate(device, graph.get()));
  if (device->api().graph_upload != nullptr) {
    TRY(device->check(device->api().graph_upload(recording.executable_.get(), stream),
                      "move a graph to the device"));
  }
  TRY(synchronize(*device, stream));
  return recording;
}

Result<void> Recording::launch(CUstream stream) const {
  return device_->check(device_->api().graph_launch(executable_.get(), stream), "launch a graph");
}

}  // namespace nitro::cuda
