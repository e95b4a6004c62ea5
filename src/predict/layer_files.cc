#include "predict/layer_files.h"

#include <algorithm>

#include "base/text.h"
#include "predict/csv_file.h"

namespace nitro::predict {
namespace {

std::string text_of(const Layer& layer) {
  const ProductSizes& sizes = layer.product;
  return fmt::format("{},{},{},{},{},{},{},{:.0f},{:.0f},{:.0f},{:.0f}", name(layer.family),
                     sizes.batch, sizes.rows, sizes.columns, sizes.inner, sizes.taps,
                     sizes.winograd ? 1 : 0, layer.flops, layer.elements_read,
                     layer.elements_written, layer.weights_read);
}

Result<Layer> layer_of(const CsvRow& row) {
  const std::string kind = TRY(row.text("kind"));
  const auto family = std::ranges::find(kFamilyNames, kind);
  if (family == kFamilyNames.end())
    return fail(ErrorCode::kBadFile, "there is no kind '{}' of layers", display(kind, 40));
  Layer layer;
  layer.family = static_cast<Family>(family - kFamilyNames.begin());
  layer.product.batch = TRY(row.integer("batch"));
  layer.product.rows = TRY(row.integer("rows"));
  layer.product.columns = TRY(row.integer("columns"));
  layer.product.inner = TRY(row.integer("inner"));
  layer.product.taps = TRY(row.integer("taps"));
  layer.product.winograd = TRY(row.integer("winograd")) != 0;
  layer.flops = TRY(row.number("flops"));
  layer.elements_read = TRY(row.number("read"));
  layer.elements_written = TRY(row.number("written"));
  layer.weights_read = TRY(row.number("weights"));
  return layer;
}

}  // namespace

size_t LayerTable::id_of(const Layer& layer) {
  const auto [place, is_new] = ids_.emplace(text_of(layer), layers_.size());
  if (is_new) layers_.push_back(place->first);
  return place->second;
}

void LayerTable::add_net(const std::string& name, const std::vector<Layer>& layers) {
  nets_ += name + ',';
  for (size_t i = 0; i < layers.size(); ++i)
    nets_ += fmt::format("{}{}", i == 0 ? "" : " ", id_of(layers[i]));
  nets_ += '\n';
}

std::string LayerTable::layers_csv() const {
  std::string csv = "kind,batch,rows,columns,inner,taps,winograd,flops,read,written,weights\n";
  for (const std::string& layer : layers_) csv += layer + '\n';
  return csv;
}

Result<std::vector<Layer>> read_layers(const std::filesystem::path& folder) {
  std::vector<Layer> layers;
  const std::vector<CsvRow> rows = TRY(read_csv(folder / "layers.csv"));
  for (const CsvRow& row : rows) layers.push_back(TRY(layer_of(row)));
  return layers;
}

Result<std::map<std::string, std::vector<Layer>>> read_nets(const std::filesystem::path& folder) {
  const std::vector<Layer> layers = TRY(read_layers(folder));
  std::map<std::string, std::vector<Layer>> nets;
  const std::vector<CsvRow> rows = TRY(read_csv(folder / "nets.csv"));
  for (const CsvRow& row : rows) {
    const std::string name = TRY(row.text("net"));
    const std::string ids = TRY(row.text("layers"));
    for (std::string_view word : split(ids, ' ')) {
      int64_t id = -1;
      if (!parse_integer(word, id) || id < 0 || static_cast<size_t>(id) >= layers.size())
        return fail(ErrorCode::kBadFile, "nets.csv: there is no layer '{}'", display(word, 20));
      nets[name].push_back(layers[static_cast<size_t>(id)]);
    }
  }
  return nets;
}

}  // namespace nitro::predict
