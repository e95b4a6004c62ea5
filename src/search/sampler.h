#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "search/space.h"

namespace nitro::search {

/// What a sampler works on.
struct Study {
  std::string name;
  std::vector<Dimension> dimensions = {};
  std::vector<std::string> objectives = {};
  std::string sampler = "tpe";  // or "nsga2"
  uint64_t seed = 1;
  Json identity = Json::object();  // of model, data and space: trials of another search are refused
  bool resume = false;             // else a study that is there already is refused
};

/// A trial that is over.
struct StoredTrial {
  int64_t number = 0;
  Point point = {};
  Json attributes = {};
};

/// What the sampler knows when it is opened.
struct OpenedStudy {
  std::string version;  // of what proposes
  std::vector<StoredTrial> trials = {};
  int64_t again = 0;  // trials that were under way when the search before ended
};

/// A point to try.
struct Proposal {
  int64_t number = 0;
  Point point = {};
  Json attributes = {};  // that it was enqueued with
};

/// What came of one. Values are those of the objectives, to be small; none: it failed.
struct Outcome {
  std::vector<double> values = {};
  std::map<std::string, double> constraints = {};  // above 0: violated
  Json attributes = {};
};

/// Proposes points and keeps what came of them: once told, a trial is not lost.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual Result<OpenedStudy> open(const Study& study) = 0;
  /// To be proposed before any other point, unless it is known already.
  virtual Result<void> enqueue(const Point& point, const Json& attributes) = 0;
  virtual Result<Proposal> ask() = 0;
  virtual Result<void> tell(int64_t number, const Outcome& outcome) = 0;
  virtual Result<void> close() = 0;
};

}  // namespace nitro::search
