#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "base/random.h"
#include "search/evaluator.h"
#include "search/sampler.h"

namespace nitro::search {

/// "pass" -> parameters, of the passes in a recipe that are no clean-ups of it.
using Passes = std::map<std::string, passes::Parameters>;

/// A made-up model: a function says what a recipe does to it.
class MadeUpEvaluator final : public Evaluator {
 public:
  struct Made {
    double latency_ns = 1e6;
    double drop = 0;         // of both modalities; of depth twice as much
    std::string error = {};  // makes it fail
  };
  explicit MadeUpEvaluator(std::function<Made(const Passes&)> model);

  Result<Candidate> make(const optimize::Recipe& recipe) override;
  Result<Estimate> latency(const Candidate& candidate) override;
  Result<std::vector<Quality>> quality(const Candidate& candidate, Images images) override;
  Result<std::vector<std::vector<double>>> side_by_side(
      const std::vector<Candidate>& candidates) override;

  int made = 0;        // candidates
  int timed = 0;       // quickly
  int looked_few = 0;  // qualities on few images
  int looked_all = 0;
  /// Called with each candidate that is timed.
  std::function<Result<void>(int timed)> before_timing = [](int) { return Result<void>(); };

 private:
  std::function<Made(const Passes&)> model_;
  std::map<std::string, Made> by_digest_;
};

/// Proposes at random, and keeps what it is told.
class RandomSampler final : public Sampler {
 public:
  Result<OpenedStudy> open(const Study& study) override;
  Result<void> enqueue(const Point& point, const Json& attributes) override;
  Result<Proposal> ask() override;
  Result<void> tell(int64_t number, const Outcome& outcome) override;
  Result<void> close() override { return {}; }

  std::vector<std::pair<Proposal, Outcome>> told;

 private:
  Point random_point();

  std::vector<Dimension> dimensions_;
  std::vector<Proposal> waiting_;
  std::map<int64_t, Proposal> running_;
  int64_t next_ = 0;
  Random random_{7};
};

}  // namespace nitro::search
