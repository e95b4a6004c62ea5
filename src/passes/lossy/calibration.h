#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "ir/graph.h"

namespace nitro::passes {

/// Counts of elements in bins of equal width over [-range, range].
struct Histogram {
  double range = 0;  // a power of two, or 0 where there is nothing but zeros
  std::vector<int64_t> counts;
};

/// Sums over the rows of a value, which are its vectors of C elements along the last axis.
struct Moments {
  int64_t rows = 0;
  std::vector<double> sums;      // [C]
  std::vector<double> products;  // [C,C], symmetric: x_i * x_j, summed
};

/// What was seen of a value on calibration images.
struct ValueRecord {
  TensorType type;
  double min = 0;
  double max = 0;
  std::vector<double> channel_max;  // largest magnitude of each index of the last axis
  Histogram histogram;
  std::optional<Moments> moments = {};  // where they were asked for
};

/// The least and the greatest finite element, and 0.
struct Extremes {
  double min = 0;
  double max = 0;
};

/// What was seen of some values of a graph.
struct Calibration {
  std::string graph;   // its graph_fingerprint()
  std::string source;  // of the model
  int64_t scenes = 0;
  std::vector<std::string> modalities;
  std::map<std::string, ValueRecord> values;  // by the names of onnx::exported_names()
  std::map<std::string, Extremes> extremes = {};  // where they were asked for, of all f32 values
};

/// A digest of the names and types of what the nodes of `graph` make, not of its weights.
std::string graph_fingerprint(const Graph& graph);

/// The records of `values` of `graph`, in order. Fails with kBadRecipe where one is missing or of
/// another type: the calibration is of another graph, or did not watch it.
Result<std::vector<const ValueRecord*>> records_of(const Calibration& calibration,
                                                   const Graph& graph,
                                                   const std::vector<ValueId>& values);

/// As a JSON document, with the version of the format.
Json to_json(const Calibration& calibration);

/// Fails with kBadFile naming the member that is missing, of the wrong kind or size, or impossible.
Result<Calibration> parse_calibration(const Json& document);

/// Reads the file that `nitro calibrate` wrote.
Result<Calibration> read_calibration(const std::string& path);

}  // namespace nitro::passes
