#include "onnx/dequantization_modules.h"

#include <onnx-ml.pb.h>

#include <algorithm>
#include <map>

#include "ir/common_module.h"
#include "onnx/module_path.h"

namespace nitro::onnx {
namespace {

bool dequantizes(const ::onnx::NodeProto& node) {
  return node.op_type() == "DequantizeLinear" && node.output_size() == 1;
}

/// Whether Nitro wrote the node, and with it where it came from.
bool is_known(const ::onnx::NodeProto& node) {
  return std::ranges::any_of(node.metadata_props(), [](const auto& entry) {
    return entry.key() == "nitro.module" || entry.key() == "nitro.origins";
  });
}

}  // namespace

void set_modules_of_dequantizations(::onnx::GraphProto& graph) {
  std::map<std::string, std::vector<std::string>> readers;
  for (const ::onnx::NodeProto& node : graph.node()) {
    if (dequantizes(node) && !is_known(node)) readers[node.output(0)];
  }
  if (readers.empty()) return;
  for (const ::onnx::NodeProto& node : graph.node()) {
    for (const std::string& input : node.input()) {
      if (const auto read = readers.find(input); read != readers.end())
        read->second.push_back(module_path(node));
    }
  }
  for (::onnx::NodeProto& node : *graph.mutable_node()) {
    if (!dequantizes(node) || is_known(node)) continue;
    const std::string module = common_module(readers[node.output(0)]);
    if (module.empty()) continue;
    auto& entry = *node.add_metadata_props();
    entry.set_key("nitro.module");
    entry.set_value(module);
  }
}

}  // namespace nitro::onnx
