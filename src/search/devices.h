#pragma once

#include "search/run_trial.h"

namespace nitro::search {

/// What measures the trials of a search, maybe several at a time.
class Devices {
 public:
  virtual ~Devices() = default;
  /// How many trials may be under way.
  virtual size_t count() const = 0;
  virtual Result<void> begin(int64_t number, const optimize::Recipe& recipe,
                             const TrialRules& rules) = 0;
  /// A trial that is over, without point and varied; nothing where that takes longer than about a
  /// second, or where there is something new to say. Each that was begun comes back once, in any
  /// order. Fails as run_trial() does.
  virtual Result<std::optional<Trial>> next() = 0;
  /// What is under way is not measured to its end. For the record, or null.
  virtual Result<Json> close() = 0;
};

}  // namespace nitro::search
