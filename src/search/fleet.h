#pragma once

#include <functional>

#include "search/asked_process.h"
#include "search/devices.h"

namespace nitro::search {

struct FleetOptions {
  std::vector<std::string> command = {};  // of a worker: `nitro search worker ...`
  Json opening = Json::object();          // members of the first request to each
  std::function<void(const std::string&)> note = [](const std::string&) {};
};

/// The devices of a Ray cluster, by a process of its own: `python -m nitro.fleet`. Fails as
/// AskedProcess does, and with kEnvironment where no device is left.
class Fleet final : public Devices {
 public:
  /// Looks whether there is something at `address`: ray://HOST:PORT, HOST:PORT or "local".
  static Result<Fleet> start(const std::filesystem::path& python, std::string address);
  /// Of another command that speaks as it does.
  static Result<Fleet> start(const runner::Command& command, std::string address);

  /// Connects to the cluster and starts its workers, before anything below.
  Result<void> open(FleetOptions options);
  size_t count() const override { return count_; }
  Result<void> begin(int64_t number, const optimize::Recipe& recipe,
                     const TrialRules& rules) override;
  Result<std::optional<Trial>> next() override;
  Result<Json> close() override;

 private:
  Fleet(AskedProcess process, std::string address)
      : process_(std::move(process)), address_(std::move(address)) {}
  Result<void> greet();
  void take_count(const Json& reply);

  AskedProcess process_;
  std::string address_;
  FleetOptions options_;
  std::string version_;  // of Ray
  size_t count_ = 0;
  std::map<int64_t, std::string> recipes_;  // under way
};

}  // namespace nitro::search
