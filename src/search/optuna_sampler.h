#pragma once

#include <filesystem>

#include "runner/subprocess.h"
#include "search/sampler.h"

namespace nitro::search {

/// Optuna in a process of its own: `python -m nitro.sampler`. A failure of the process (crash,
/// hang, garbage) is kRunnerFailed and ends it; what it reports keeps its code.
class OptunaSampler final : public Sampler {
 public:
  /// `storage` is a URL as Optuna takes it. Fails with kEnvironment where there is no Python.
  static Result<OptunaSampler> start(const std::filesystem::path& python, std::string storage);
  /// Of another command that speaks as it does.
  static Result<OptunaSampler> start(const runner::Command& command, std::string storage);

  Result<OpenedStudy> open(const Study& study) override;
  Result<void> enqueue(const Point& point, const Json& attributes) override;
  Result<Proposal> ask() override;
  Result<void> tell(int64_t number, const Outcome& outcome) override;
  Result<void> close() override;

 private:
  OptunaSampler(runner::Subprocess process, std::string storage)
      : process_(std::move(process)), storage_(std::move(storage)) {}
  /// One request and the reply to it, which is a success.
  Result<Json> request(std::string_view verb, Json members);
  std::unexpected<Error> give_up(std::string_view verb, std::string_view problem);

  runner::Subprocess process_;
  std::string storage_;
  std::vector<Dimension> dimensions_;
  int64_t next_id_ = 1;
};

}  // namespace nitro::search
