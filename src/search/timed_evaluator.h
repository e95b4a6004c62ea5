#pragma once

#include <chrono>
#include <type_traits>

#include "search/evaluator.h"

namespace nitro::search {

/// Another evaluator, whose time is added up.
class TimedEvaluator final : public Evaluator {
 public:
  explicit TimedEvaluator(Evaluator& evaluator) : evaluator_(evaluator) {}
  double seconds() const { return seconds_; }

  Result<Candidate> make(const optimize::Recipe& recipe) override {
    return timed([&] { return evaluator_.make(recipe); });
  }
  Result<Estimate> latency(const Candidate& candidate) override {
    return timed([&] { return evaluator_.latency(candidate); });
  }
  Result<std::vector<Quality>> quality(const Candidate& candidate, Images images) override {
    return timed([&] { return evaluator_.quality(candidate, images); });
  }
  Result<std::vector<std::vector<double>>> side_by_side(
      const std::vector<Candidate>& candidates) override {
    return timed([&] { return evaluator_.side_by_side(candidates); });
  }

 private:
  template <class Work>
  std::invoke_result_t<Work> timed(Work work) {
    const auto start = std::chrono::steady_clock::now();
    auto result = work();
    seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

  Evaluator& evaluator_;
  double seconds_ = 0;
};

}  // namespace nitro::search
