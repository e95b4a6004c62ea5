#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "base/random.h"
#include "search/devices.h"
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

/// Several devices, of which each measures as `evaluator` does; they end in a random order.
class MadeUpDevices final : public Devices {
 public:
  MadeUpDevices(size_t count, Evaluator& evaluator) : count_(count), evaluator_(evaluator) {}
  size_t count() const override { return count_; }
  Result<void> begin(int64_t number, const optimize::Recipe& recipe,
                     const TrialRules& rules) override;
  /// Every other time nothing.
  Result<std::optional<Trial>> next() override;
  Result<Json> close() override { return Json::object({{"most", most}}); }

  size_t most = 0;  // under way at once

 private:
  size_t count_;
  Evaluator& evaluator_;
  std::vector<Json> under_way_;  // requests, as they go to workers
  Limits limits_;
  bool nothing_ = false;
  Random random_{3};
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
