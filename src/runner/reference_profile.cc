#include "runner/reference_profile.h"

#include <chrono>
#include <unordered_map>

#include "reference/executor.h"

namespace nitro::runner {
namespace {

int64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

/// The time of each node of the graph in one run, 0 for those that no output needs.
struct Run {
  std::vector<int64_t> node_ns;
  int64_t total_ns = 0;
};

Result<Run> timed_run(const Graph& graph, const std::vector<Tensor>& inputs) {
  Run run{std::vector<int64_t>(graph.nodes().size(), 0)};
  reference::ExecuteOptions options;
  const int64_t begin = now_ns();
  int64_t last = begin;
  options.ran = [&](NodeId node) {
    const int64_t now = now_ns();
    run.node_ns[node] = std::max<int64_t>(now - last, 1);
    last = now;
  };
  TRY(reference::execute(graph, inputs, options));
  run.total_ns = now_ns() - begin;
  return run;
}

std::vector<int64_t> durations(const onnx::ModelNode& node, const std::vector<Run>& runs) {
  std::vector<int64_t> result;
  for (const Run& run : runs) {
    int64_t sum = 0;
    for (NodeId id = node.first; id < node.last; ++id) sum += run.node_ns[id];
    result.push_back(sum);
  }
  return result;
}

/// An omitted input or output has no name.
Json names(const std::vector<std::string>& all) {
  Json list = Json::array();
  for (const std::string& name : all) {
    if (!name.empty()) list.push_back(name);
  }
  return list;
}

using Types = std::unordered_map<std::string, TensorType>;

Json node_json(const onnx::ModelNode& node, size_t index, const std::vector<int64_t>& times,
               const Types& types) {
  Json shapes = Json::array();
  for (const std::string& output : node.outputs) {
    const auto found = types.find(output);
    if (found == types.end()) continue;
    shapes.push_back(Json::object(
        {{"dtype", name(found->second.dtype)}, {"shape", Json::array_of(found->second.shape)}}));
  }
  Json json = Json::object();
  json["name"] = node.name;
  json["op_type"] = node.op_type;
  json["domain"] = node.domain;
  json["index"] = index;
  json["inputs"] = names(node.inputs);
  json["outputs"] = names(node.outputs);
  json["durations_ns"] = Json::array_of(times);
  json["output_shapes"] = std::move(shapes);
  json["provider"] = "cpu";
  return json;
}

}  // namespace

Result<Json> profile_reference(const onnx::ImportedModel& model, const std::vector<Tensor>& inputs,
                               int64_t iterations) {
  std::vector<Run> runs;
  std::vector<int64_t> totals;
  TRY(timed_run(model.graph, inputs));
  for (int64_t i = 0; i < iterations; ++i) {
    runs.push_back(TRY(timed_run(model.graph, inputs)));
    totals.push_back(runs.back().total_ns);
  }
  Types types;
  for (const Value& value : model.graph.values()) types.emplace(value.name, value.type);
  Json nodes = Json::array();
  for (const onnx::ModelNode& node : model.nodes) {
    const std::vector<int64_t> times = durations(node, runs);
    if (times[0] > 0) nodes.push_back(node_json(node, nodes.size(), times, types));
  }
  Json reply = Json::object();
  reply["nodes"] = std::move(nodes);
  reply["unseen"] = Json::array();
  reply["run_ns"] = Json::array_of(totals);
  reply["execute_ns"] = Json::array_of(totals);
  reply["resolution_ns"] = 1;
  reply["host_launch_times"] = false;
  return reply;
}

}  // namespace nitro::runner
