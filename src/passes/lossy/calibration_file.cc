#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/base64.h"
#include "base/file.h"
#include "base/text.h"
#include "base/version.h"
#include "passes/lossy/calibration.h"

namespace nitro::passes {
namespace {

constexpr int64_t kSchema = 1;
constexpr size_t kMostBins = 1 << 20;

/// The upper triangle, row by row, as the bytes of f64.
std::string packed(const Moments& moments) {
  const size_t width = moments.sums.size();
  std::vector<double> triangle;
  for (size_t i = 0; i < width; ++i) {
    const auto row = moments.products.begin() + static_cast<std::ptrdiff_t>(i * width);
    triangle.insert(triangle.end(), row + static_cast<std::ptrdiff_t>(i),
                    row + static_cast<std::ptrdiff_t>(width));
  }
  return base64(std::as_bytes(std::span(triangle)));
}

Json moments_json(const Moments& moments) {
  return Json::object({{"rows", moments.rows},
                       {"sums", Json::array_of(moments.sums)},
                       {"products", packed(moments)}});
}

/// Without the empty bins at both ends.
Json histogram_json(const Histogram& histogram) {
  const auto& counts = histogram.counts;
  const auto filled = [](int64_t count) { return count > 0; };
  const auto first = std::ranges::find_if(counts, filled);
  const auto last = std::find_if(counts.rbegin(), std::make_reverse_iterator(first), filled).base();
  return Json::object({{"range", histogram.range},
                       {"bins", counts.size()},
                       {"first", first - counts.begin()},
                       {"counts", Json::array_of(std::vector<int64_t>(first, last))}});
}

std::unexpected<Error> bad(std::string_view member) {
  return fail(ErrorCode::kBadFile, "'{}' is missing or impossible", member);
}

bool is_finite(const Json& json) { return json.is_number() && std::isfinite(json.as_number()); }

Result<std::vector<double>> numbers(const Json& object, std::string_view key, size_t count) {
  const auto& items = object.at(key).items();
  if (items.size() != count) return bad(key);
  std::vector<double> values;
  for (const Json& item : items) {
    if (!is_finite(item)) return bad(key);
    values.push_back(item.as_number());
  }
  return values;
}

Result<double> number(const Json& object, std::string_view key) {
  const Json& value = object.at(key);
  if (!is_finite(value)) return bad(key);
  return value.as_number();
}

Result<TensorType> parse_type(const Json& record) {
  TensorType type;
  const auto dtype = parse_dtype(record.at("dtype").as_string());
  if (!dtype || !is_float(*dtype)) return bad("dtype");
  type.dtype = *dtype;
  if (!record.at("shape").is_array() || record.at("shape").size() == 0) return bad("shape");
  for (const Json& dim : record.at("shape").items()) {
    if (!dim.is_integer()) return bad("shape");
    type.shape.push_back(dim.as_integer());
  }
  TRY(check_shape(type.shape, type.dtype));
  if (type.elements() == 0) return bad("shape");
  return type;
}

Result<Histogram> parse_histogram(const Json& json) {
  Histogram histogram{TRY(number(json, "range")), {}};
  const int64_t bins = json.at("bins").as_integer(-1);
  const int64_t first = json.at("first").as_integer(-1);
  const auto& counts = json.at("counts").items();
  if (bins < 0 || bins > static_cast<int64_t>(kMostBins) || bins % 2 != 0) return bad("bins");
  if (histogram.range < 0 || (bins > 0) != (histogram.range > 0)) return bad("range");
  if (first < 0 || first > bins || counts.size() > static_cast<size_t>(bins - first))
    return bad("first");
  histogram.counts.assign(static_cast<size_t>(bins), 0);
  for (size_t i = 0; i < counts.size(); ++i) {
    if (!counts[i].is_integer() || counts[i].as_integer() < 0) return bad("counts");
    histogram.counts[static_cast<size_t>(first) + i] = counts[i].as_integer();
  }
  return histogram;
}

Result<Moments> parse_moments(const Json& json, size_t width) {
  Moments moments{json.at("rows").as_integer(), TRY(numbers(json, "sums", width)), {}};
  if (moments.rows < 1) return bad("rows");
  const std::string bytes = TRY(from_base64(json.at("products").as_string()));
  if (bytes.size() != width * (width + 1) / 2 * sizeof(double)) return bad("products");
  moments.products.resize(width * width);
  const char* next = bytes.data();
  for (size_t i = 0; i < width; ++i) {
    for (size_t j = i; j < width; ++j, next += sizeof(double)) {
      double product = 0;
      std::memcpy(&product, next, sizeof(double));
      if (!std::isfinite(product)) return bad("products");
      moments.products[i * width + j] = moments.products[j * width + i] = product;
    }
  }
  return moments;
}

Result<ValueRecord> parse_record(const Json& json) {
  ValueRecord record;
  record.type = TRY(parse_type(json));
  record.min = TRY(number(json, "min"));
  record.max = TRY(number(json, "max"));
  if (record.min > record.max) return bad("min");
  const auto width = static_cast<size_t>(record.type.shape.back());
  record.channel_max = TRY(numbers(json, "channel_max", width));
  record.histogram = TRY(parse_histogram(json.at("histogram")));
  if (json.contains("moments")) record.moments = TRY(parse_moments(json.at("moments"), width));
  return record;
}

/// A row for each value: name, least, greatest.
Json extremes_json(const std::map<std::string, Extremes>& extremes) {
  Json rows = Json::array();
  for (const auto& [name, seen] : extremes) rows.push_back(Json::array({name, seen.min, seen.max}));
  return rows;
}

Result<std::map<std::string, Extremes>> parse_extremes(const Json& rows) {
  std::map<std::string, Extremes> extremes;
  for (const Json& row : rows.items()) {
    const auto& cells = row.items();
    if (cells.size() != 3 || !cells[0].is_string() || !is_finite(cells[1]) || !is_finite(cells[2]))
      return bad("extremes");
    const Extremes seen{cells[1].as_number(), cells[2].as_number()};
    if (seen.min > seen.max || !extremes.emplace(cells[0].as_string(), seen).second)
      return bad("extremes");
  }
  return extremes;
}

Json record_json(const std::string& name, const ValueRecord& record) {
  Json json = Json::object({{"name", name},
                            {"dtype", nitro::name(record.type.dtype)},
                            {"shape", Json::array_of(record.type.shape)},
                            {"min", record.min},
                            {"max", record.max},
                            {"channel_max", Json::array_of(record.channel_max)},
                            {"histogram", histogram_json(record.histogram)}});
  if (record.moments) json["moments"] = moments_json(*record.moments);
  return json;
}

}  // namespace

Json to_json(const Calibration& calibration) {
  Json values = Json::array();
  for (const auto& [name, record] : calibration.values) values.push_back(record_json(name, record));
  Json document = Json::object({{"schema_version", kSchema},
                                {"kind", "calibration"},
                                {"nitro_version", kVersion},
                                {"graph", calibration.graph},
                                {"source", calibration.source},
                                {"scenes", calibration.scenes},
                                {"modalities", Json::array_of(calibration.modalities)},
                                {"values", std::move(values)}});
  if (!calibration.extremes.empty()) document["extremes"] = extremes_json(calibration.extremes);
  return document;
}

Result<Calibration> parse_calibration(const Json& document) {
  if (document.at("kind").as_string() != "calibration")
    return fail(ErrorCode::kBadFile, "it is no calibration; nitro calibrate makes them");
  if (document.at("schema_version").as_integer() != kSchema)
    return fail(ErrorCode::kBadFile, "only version {} of calibrations is known", kSchema);
  Calibration calibration{document.at("graph").as_string(),
                          document.at("source").as_string(),
                          document.at("scenes").as_integer(),
                          {},
                          {}};
  for (const Json& modality : document.at("modalities").items())
    calibration.modalities.push_back(modality.as_string());
  if (!document.at("values").is_array()) return bad("values");
  for (const Json& json : document.at("values").items()) {
    const std::string& name = json.at("name").as_string();
    if (name.empty()) return bad("name");
    ValueRecord record = TRY(in_context(parse_record(json), display(name, 80)));
    if (!calibration.values.emplace(name, std::move(record)).second)
      return fail(ErrorCode::kBadFile, "the value '{}' is there twice", display(name, 80));
  }
  calibration.extremes = TRY(parse_extremes(document.at("extremes")));
  return calibration;
}

Result<Calibration> read_calibration(const std::string& path) {
  const auto read = [&]() -> Result<Calibration> {
    const Json document = TRY(Json::parse(TRY(read_file(path))));
    return parse_calibration(document);
  };
  return in_context(read(), display(path));
}

}  // namespace nitro::passes
