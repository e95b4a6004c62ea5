#pragma once

#include <string>
#include <string_view>

namespace onnx {
class NodeProto;
}

namespace nitro::onnx {

/// The PyTorch module path of a node ("layers.2.blocks.0.attn.qkv", "" for the root or unknown),
/// from Nitro's or the exporter's metadata, or from a scoped name
/// ("/layers.2/blocks.0/attn/qkv/MatMul").
std::string module_path(const ::onnx::NodeProto& node);

/// The part that reads scoped names: the scopes joined with ".", where a container's own scope is
/// absorbed by the next one ("/layers/layers.0/Add" is "layers.0").
std::string module_path_of_name(std::string_view name);

/// The innermost module of "['', 'layers', 'layers.0', 'add_1']": the last scope but one.
std::string module_path_of_scopes(std::string_view scopes);

/// The innermost module of ": Model/layers: Sequential/layers.0: Stage/add_1: aten.add".
std::string module_path_of_namespace(std::string_view text);

}  // namespace nitro::onnx
