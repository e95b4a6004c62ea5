#include "cuda/tuning.h"

#include "base/file.h"
#include "base/json.h"
#include "base/sha256.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kSchema = 1;
constexpr uint64_t kMaxBytes = 16 << 20;     // tens of thousands of products
constexpr int64_t kMost = int64_t{1} << 31;  // of sizes: what a plan's buffer may hold

/// visit(name, member) for each number of a tile.
template <class Tile, class Visit>
void for_each_number(Tile& tile, Visit&& visit) {
  visit("m", tile.m);
  visit("n", tile.n);
  visit("segment", tile.segment);
  visit("stages", tile.stages);
  visit("warps_m", tile.warps_m);
  visit("warps_n", tile.warps_n);
  visit("warps_k", tile.warps_k);
  visit("cluster", tile.cluster);
}

Json to_json(const GemmTile& tile) {
  Json json = Json::object();
  for_each_number(tile, [&](const char* name, int64_t number) { json[name] = number; });
  json["panels"] = tile.panels;
  json["wgmma"] = tile.wgmma;
  return json;
}

/// Members of an object; the first that is missing or wrong is remembered.
class Members {
 public:
  explicit Members(const Json& json) : json_(json) {}

  int64_t number(const char* name) {
    const int64_t value = json_.at(name).as_integer();
    if (value < 1 || value > kMost) note(name);
    return value;
  }
  bool flag(const char* name) {
    if (!json_.at(name).is_bool()) note(name);
    return json_.at(name).as_bool();
  }
  const char* wrong() const { return wrong_; }

 private:
  void note(const char* name) {
    if (wrong_ == nullptr) wrong_ = name;
  }

  const Json& json_;
  const char* wrong_ = nullptr;
};

GemmTile tile_of(Members& members) {
  GemmTile tile;
  for_each_number(tile, [&](const char* name, int64_t& number) { number = members.number(name); });
  tile.panels = members.flag("panels");
  tile.wgmma = members.flag("wgmma");
  return tile;
}

}  // namespace

Tuning::Key Tuning::key(const plan::Gemm& gemm, bool panels) {
  return {gemm.m,     gemm.n,         gemm.k,
          gemm.batch, gemm.normalize, gemm.residual.buffer != plan::kNoBuffer,
          panels};
}

std::optional<GemmTile> Tuning::tile(const plan::Gemm& gemm, bool panels) const {
  const auto found = tiles_.find(key(gemm, panels));
  return found == tiles_.end() ? std::nullopt : std::optional(found->second);
}

void Tuning::set(const plan::Gemm& gemm, const GemmTile& tile) {
  tiles_[key(gemm, tile.panels)] = tile;
}

std::string Tuning::text() const {
  Json tiles = Json::array();
  for (const auto& [key, tile] : tiles_) {
    const auto& [m, n, k, batch, normalize, residual, panels] = key;
    Json json = Json::object();
    json["m"] = m;
    json["n"] = n;
    json["k"] = k;
    json["batch"] = batch;
    json["normalize"] = normalize;
    json["residual"] = residual;
    json["tile"] = to_json(tile);
    tiles.push_back(std::move(json));
  }
  Json json = Json::object();
  json["schema"] = kSchema;
  json["tiles"] = std::move(tiles);
  return json.dump(1) + "\n";
}

Result<Tuning> Tuning::parse(const std::string& text) {
  if (text.size() > kMaxBytes) {
    return fail(ErrorCode::kBadFile, "a record of tuning has at most {} bytes, and this has {}",
                kMaxBytes, text.size());
  }
  const Json json = TRY(Json::parse(text));
  if (json.at("schema").as_integer() != kSchema || !json.at("tiles").is_array()) {
    return fail(ErrorCode::kBadFile,
                "this is no record of tuning, or one of another version of Nitro");
  }
  Tuning tuning;
  size_t place = 0;
  for (const Json& each : json.at("tiles").items()) {
    Members product(each), of_tile(each.at("tile"));
    const GemmTile tile = tile_of(of_tile);
    const Key key{product.number("m"),
                  product.number("n"),
                  product.number("k"),
                  product.number("batch"),
                  product.flag("normalize"),
                  product.flag("residual"),
                  tile.panels};
    for (const Members* members : {&product, &of_tile}) {
      if (members->wrong() == nullptr) continue;
      return fail(ErrorCode::kBadFile, "'{}' of {} {} of a record of tuning is missing or wrong",
                  members->wrong(), members == &product ? "product" : "the tile of product", place);
    }
    tuning.tiles_[key] = tile;
    ++place;
  }
  return tuning;
}

void Tuning::merge(const Tuning& other) {
  for (const auto& [key, tile] : other.tiles_) tiles_[key] = tile;
}

TuningStore TuningStore::standard(const Device& device) {
  const Result<std::filesystem::path> folder = cache_folder();
  if (!folder) return TuningStore({});
  const std::string name =
      to_hex(sha256(fmt::format("{} {}", device.name(), device.driver_version()))).substr(0, 16);
  return TuningStore(*folder / "tuning" / (name + ".json"));
}

Tuning TuningStore::load() const {
  const Result<std::string> text =
      file_.empty() ? Result<std::string>("") : read_file(file_, kMaxBytes);
  Result<Tuning> tuning = text ? Tuning::parse(*text) : Result<Tuning>(Tuning());
  return tuning ? std::move(*tuning) : Tuning();
}

Result<void> TuningStore::add(const Tuning& tuning) const {
  if (file_.empty())
    return fail(ErrorCode::kEnvironment, "there is no folder to keep the tuning in");
  Tuning all = load();
  all.merge(tuning);
  std::error_code failed;
  std::filesystem::create_directories(file_.parent_path(), failed);
  return write_file_atomic(file_.string(), all.text());
}

}  // namespace nitro::cuda
