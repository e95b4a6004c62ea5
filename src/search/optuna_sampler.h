#pragma once

#include <filesystem>

#include "search/asked_process.h"
#include "search/sampler.h"

namespace nitro::search {

/// Optuna in a process of its own: `python -m nitro.sampler`. Fails as AskedProcess does.
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
  OptunaSampler(AskedProcess process, std::string storage)
      : process_(std::move(process)), storage_(std::move(storage)) {}

  AskedProcess process_;
  std::string storage_;
  std::vector<Dimension> dimensions_;
};

}  // namespace nitro::search
