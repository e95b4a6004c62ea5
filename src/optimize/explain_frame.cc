#include "optimize/explain_frame.h"

#include "optimize/result_document.h"

namespace nitro::optimize {
namespace {

profile::Profile unexplained(double median_ns) {
  profile::Profile profile;
  profile.total_ns = median_ns;
  profile.modules.emplace_back();
  return profile;
}

}  // namespace

Result<profile::Profile> explain_frame(const Frame& frame, const onnx::ImportedModel& model,
                                       double median_ns, const ExplainOptions& options) {
  if (options.setup.interrupted()) return unexplained(median_ns);
  const auto nodes = profile_frame(frame, options.setup, options.iterations);
  if (!nodes && nodes.error().code == ErrorCode::kInterrupted) return unexplained(median_ns);
  if (!nodes) return std::unexpected(nodes.error());
  const auto threads = static_cast<int>(options.setup.load.threads);
  return profile::build_profile(
      *nodes, {model, options.roofs, threads, usable_cache_bytes(options.environment, threads),
               median_ns, static_cast<double>(frame.calls.size())});
}

}  // namespace nitro::optimize
