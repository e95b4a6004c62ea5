#include "trace/tensorrt_names.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "trace/layer_name.h"

namespace nitro::trace {
namespace {

class Mapping {
 public:
  Mapping(const std::vector<EngineLayer>& layers, const std::vector<NetworkNode>& network)
      : layers_(layers),
        network_(network),
        result_(layers.size()),
        claimed_(network.size(), false),
        readers_(network.size()) {
    for (size_t i = 0; i < network.size(); ++i) {
      by_name_.emplace(network[i].name, i);
      longest_name_ = std::max(longest_name_, network[i].name.size());
      for (const std::string& output : network[i].outputs) makers_.emplace(output, i);
    }
    for (size_t i = 0; i < network.size(); ++i) {
      for (const std::string& input : network[i].inputs) {
        readers_of_.emplace(input, i);
        if (const auto maker = makers_.find(input); maker != makers_.end())
          readers_[maker->second].push_back(i);
      }
    }
  }

  std::vector<LayerNodes> run() {
    // Copies and regions have what the layers with plain names leave.
    for (size_t i = 0; i < layers_.size(); ++i) name_nodes(i);
    for (size_t i = 0; i < layers_.size(); ++i) expand_region(i);
    for (size_t i = 0; i < layers_.size(); ++i) find_by_tensors(i);
    for (size_t i = 0; i < layers_.size(); ++i) follow_reformat(i);
    for (LayerNodes& layer : result_) {
      std::ranges::sort(layer.nodes);
      layer.nodes.erase(std::ranges::unique(layer.nodes).begin(), layer.nodes.end());
    }
    return std::move(result_);
  }

 private:
  std::optional<size_t> node(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? std::nullopt : std::optional(found->second);
  }

  /// A node, or the maker of a tensor, of that name.
  std::optional<size_t> node_or_maker(std::string_view name) const {
    if (const auto found = node(name)) return found;
    const auto maker = makers_.find(name);
    return maker == makers_.end() ? std::nullopt : std::optional(maker->second);
  }

  std::vector<size_t> named_nodes(const EngineLayer& layer, std::string_view name) const {
    std::vector<size_t> nodes;
    for (const std::string& onnx : layer.onnx_nodes) {
      if (const auto found = node(onnx)) nodes.push_back(*found);
    }
    if (!nodes.empty()) return nodes;
    const IsName is_name = [this](std::string_view word) { return node(word).has_value(); };
    for (const std::string_view word : names_in(name, is_name, longest_name_))
      nodes.push_back(*node(word));
    return nodes;
  }

  void name_nodes(size_t index) {
    LayerNodes& layer = result_[index];
    const std::string_view name = without_profile(layers_[index].name);
    if (const auto reformatted = reformatted_layer(name)) {
      layer = {LayerKind::kReformat, named_nodes(layers_[index], *reformatted)};
      return;
    }
    if (name.starts_with("{ForeignNode[")) {
      layer.kind = LayerKind::kForeign;
      return;
    }
    if (name.ends_with(" copy") && !node(name)) {
      layer.kind = LayerKind::kCopy;
      return;
    }
    layer.nodes = named_nodes(layers_[index], name);
    if (layer.nodes.empty()) return;
    layer.kind = LayerKind::kNodes;
    claim(layer.nodes);
  }

  void claim(const std::vector<size_t>& nodes) {
    for (const size_t claimed : nodes) claimed_[claimed] = true;
  }

  void expand_region(size_t index) {
    LayerNodes& layer = result_[index];
    if (layer.kind != LayerKind::kForeign) return;
    layer.nodes = named_nodes(layers_[index], "");  // what TensorRT itself says
    if (layer.nodes.empty()) {
      const IsName is_name = [this](std::string_view word) {
        return node_or_maker(word).has_value();
      };
      const auto ends = foreign_node(without_profile(layers_[index].name), is_name);
      if (ends) layer.nodes = region(node_or_maker(ends->first), node_or_maker(ends->last));
    }
    claim(layer.nodes);
  }

  /// Unclaimed nodes reached from `start` by readers or, backwards, by makers.
  std::vector<bool> reached(size_t start, bool backwards) const {
    std::vector<bool> seen(network_.size(), false);
    std::vector<size_t> pending = {start};
    seen[start] = true;
    const auto visit = [&](size_t next) {
      if (seen[next] || claimed_[next]) return;
      seen[next] = true;
      pending.push_back(next);
    };
    while (!pending.empty()) {
      const size_t at = pending.back();
      pending.pop_back();
      if (!backwards) {
        for (const size_t reader : readers_[at]) visit(reader);
        continue;
      }
      for (const std::string& input : network_[at].inputs) {
        if (const auto maker = makers_.find(input); maker != makers_.end()) visit(maker->second);
      }
    }
    return seen;
  }

  std::vector<size_t> region(std::optional<size_t> first, std::optional<size_t> last) const {
    if (!first && !last) return {};
    std::vector<bool> inside(network_.size(), true);
    if (first) inside = reached(*first, false);
    if (last) {
      const std::vector<bool> before = reached(*last, true);
      for (size_t i = 0; i < inside.size(); ++i) inside[i] = inside[i] && before[i];
    }
    if (first) inside[*first] = true;
    if (last) inside[*last] = true;
    // What feeds only the region is computed in it, too; readers come after what they read.
    for (size_t i = network_.size(); i-- > 0;) {
      if (inside[i] || claimed_[i] || readers_[i].empty()) continue;
      inside[i] = std::ranges::all_of(readers_[i], [&](size_t reader) { return inside[reader]; });
    }
    std::vector<size_t> nodes;
    for (size_t i = 0; i < inside.size(); ++i) {
      if (inside[i]) nodes.push_back(i);
    }
    return nodes;
  }

  /// For a layer whose own name has no nodes, such as a region.
  void follow_reformat(size_t index) {
    LayerNodes& layer = result_[index];
    if (layer.kind != LayerKind::kReformat || !layer.nodes.empty()) return;
    const auto name = reformatted_layer(without_profile(layers_[index].name));
    const auto of = std::ranges::find_if(
        layers_, [&](const EngineLayer& other) { return without_profile(other.name) == *name; });
    if (of != layers_.end()) layer.nodes = result_[static_cast<size_t>(of - layers_.begin())].nodes;
  }

  void find_by_tensors(size_t index) {
    LayerNodes& layer = result_[index];
    if (layer.kind == LayerKind::kCopy) {
      std::string_view copied = without_profile(layers_[index].name);
      copied.remove_suffix(std::string_view(" copy").size());
      layer.nodes = concatenation_of(copied);
    }
    if (!layer.nodes.empty()) return;
    for (const std::string& output : layers_[index].outputs) {
      if (const auto maker = makers_.find(output); maker != makers_.end())
        layer.nodes.push_back(maker->second);
    }
    if (!layer.nodes.empty() && layer.kind == LayerKind::kUnknown) layer.kind = LayerKind::kNodes;
  }

  /// The unclaimed reader of a tensor that is copied, or else its maker.
  std::vector<size_t> concatenation_of(std::string_view copied) const {
    std::vector<size_t> readers;
    if (const auto maker = node(copied)) readers = readers_[*maker];
    const auto [begin, end] = readers_of_.equal_range(copied);
    for (auto reader = begin; reader != end; ++reader) readers.push_back(reader->second);
    for (const size_t reader : readers) {
      if (!claimed_[reader]) return {reader};
    }
    if (const auto maker = node_or_maker(copied)) return {*maker};
    return {};
  }

  const std::vector<EngineLayer>& layers_;
  const std::vector<NetworkNode>& network_;
  std::vector<LayerNodes> result_;
  std::vector<bool> claimed_;
  std::vector<std::vector<size_t>> readers_;  // of each node's outputs
  std::unordered_map<std::string_view, size_t> by_name_;
  std::unordered_map<std::string_view, size_t> makers_;
  std::unordered_multimap<std::string_view, size_t> readers_of_;
  size_t longest_name_ = 0;
};

}  // namespace

std::vector<LayerNodes> nodes_of_layers(const std::vector<EngineLayer>& layers,
                                        const std::vector<NetworkNode>& network) {
  return Mapping(layers, network).run();
}

}  // namespace nitro::trace
