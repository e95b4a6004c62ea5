#pragma once

#include <filesystem>
#include <string>

#include "base/json.h"
#include "runner/subprocess.h"

namespace nitro::search {

/// A process that answers each request line with one reply line, as python/nitro/sampler.py says. A
/// failure of the process (crash, hang, garbage) is kRunnerFailed and ends it; what it reports
/// keeps its code.
class AskedProcess {
 public:
  /// `python -m module`. Fails with kEnvironment where there is no Python.
  static Result<AskedProcess> start(const std::filesystem::path& python, const std::string& module);
  /// `name` is what errors call it.
  static Result<AskedProcess> start(const runner::Command& command, std::string name);

  /// The reply to a request, which is a success.
  Result<Json> request(std::string_view verb, Json members);
  /// Ends it for a reply that makes no sense.
  std::unexpected<Error> give_up(std::string_view verb, std::string_view problem);
  /// After its last request: lets it end by itself.
  void end();

 private:
  AskedProcess(runner::Subprocess process, std::string name)
      : process_(std::move(process)), name_(std::move(name)) {}

  runner::Subprocess process_;
  std::string name_;
  int64_t next_id_ = 1;
};

}  // namespace nitro::search
