#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "predict/layer.h"

namespace nitro::predict {

/// Layers of networks as two small files: layers.csv, each different layer once (id, kind, sizes as
/// a product, FLOPs, elements), and nets.csv, the ids of each network's layers in execution order.
class LayerTable {
 public:
  /// The id of `layer`, a new one where none is equal but for its nodes.
  size_t id_of(const Layer& layer);
  void add_net(const std::string& name, const std::vector<Layer>& layers);
  std::string layers_csv() const;
  std::string nets_csv() const { return nets_; }

 private:
  std::map<std::string, size_t> ids_;  // by the text of a layer
  std::vector<std::string> layers_;
  std::string nets_ = "net,layers\n";
};

/// The layers of layers.csv in `folder`, by id.
Result<std::vector<Layer>> read_layers(const std::filesystem::path& folder);

/// The networks of nets.csv in `folder`.
Result<std::map<std::string, std::vector<Layer>>> read_nets(const std::filesystem::path& folder);

}  // namespace nitro::predict
