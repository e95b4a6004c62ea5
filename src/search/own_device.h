#pragma once

#include "search/devices.h"

namespace nitro::search {

/// This machine, as an evaluator has it: one trial at a time.
class OwnDevice final : public Devices {
 public:
  explicit OwnDevice(Evaluator& evaluator) : evaluator_(evaluator) {}

  size_t count() const override { return 1; }
  Result<void> begin(int64_t number, const optimize::Recipe& recipe,
                     const TrialRules& rules) override {
    begun_.emplace(Begun{number, recipe, rules});
    return {};
  }
  /// Measures the trial that was begun.
  Result<std::optional<Trial>> next() override {
    Trial trial{begun_->number};
    trial.recipe = optimize::to_toml(begun_->recipe);
    TRY(run_trial(trial, begun_->recipe, evaluator_, begun_->rules));
    begun_.reset();
    return trial;
  }
  Result<Json> close() override { return Json(); }

 private:
  struct Begun {
    int64_t number;
    optimize::Recipe recipe;
    TrialRules rules;
  };

  Evaluator& evaluator_;
  std::optional<Begun> begun_;
};

}  // namespace nitro::search
