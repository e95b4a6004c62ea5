#include "cli/torch_metrics.h"

#include <cmath>

#include "base/text.h"
#include "runner/find_python.h"
#include "runner/subprocess.h"

namespace nitro::cli {
namespace {

constexpr double kTolerance = 1e-6;
constexpr std::chrono::minutes kPatience{30};
constexpr size_t kMaxLineBytes = size_t{64} << 20;

}  // namespace

Result<Json> torch_metrics(const std::filesystem::path& folder,
                           const std::filesystem::path& python) {
  const std::filesystem::path package = TRY(runner::find_package_folder());
  const runner::Command command{
      {runner::find_python(python).native(), "-m", "nitro.metrics", folder.native()},
      {{"PYTHONPATH", package.native()}}};
  auto process = TRY(runner::Subprocess::start(command));
  const auto deadline = runner::Clock::now() + kPatience;
  const auto read = process.read_line(deadline, kMaxLineBytes);
  process.wait(runner::Clock::now() + std::chrono::seconds(5));
  process.kill_and_reap();
  const auto failed = [&](std::string_view what) {
    return fail(ErrorCode::kRunnerFailed, "python -m nitro.metrics {}: {}", what,
                display(process.stderr_tail(), 400));
  };
  if (read.end != runner::Subprocess::ReadEnd::kLine) return failed("gave no result");
  Json reply = TRY(in_context(Json::parse(read.line), "python -m nitro.metrics"));
  if (const Json& error = reply.at("error"); error.is_object()) {
    return fail_with_hint(ErrorCode::kEnvironment, display(error.at("message").as_string(), 200),
                          display(error.at("hint").as_string(), 200));
  }
  if (!reply.at("version").is_string() || !reply.at("modalities").is_array())
    return failed("gave something else");
  return reply;
}

Result<void> check_equal(const Json& ours, const Json& theirs, const std::string& place) {
  const auto differ = [&] {
    return fail_with_hint(ErrorCode::kCheckFailed,
                          fmt::format("TorchMetrics gives {} for {}, Nitro {}",
                                      display(theirs.dump(), 40), place, display(ours.dump(), 40)),
                          "please report this, with the folder of --embeddings");
  };
  if (ours.is_object()) {
    for (const auto& [key, value] : ours.members())
      TRY(check_equal(value, theirs.at(key), place + (place.empty() ? "" : " ") + key));
    return {};
  }
  if (ours.is_array()) {
    if (ours.size() != theirs.size()) return differ();
    for (size_t i = 0; i < ours.size(); ++i)
      TRY(check_equal(ours.items()[i], theirs.items()[i], fmt::format("{}[{}]", place, i)));
    return {};
  }
  if (ours.is_null() && theirs.is_null()) return {};
  if (!ours.is_number() || !theirs.is_number() ||
      !(std::abs(ours.as_number() - theirs.as_number()) <= kTolerance)) {
    return differ();
  }
  return {};
}

}  // namespace nitro::cli
