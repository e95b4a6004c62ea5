#include "cli/search_arguments.h"

#include "base/file.h"
#include "base/text.h"

namespace nitro::cli {
namespace {

constexpr double kMegabyte = 1e6;

}  // namespace

void SearchArguments::declare(Arguments& arguments) {
  arguments.option("--max-latency", "Milliseconds of a frame at most", max_latency_ms_, 0);
  arguments.option("--max-memory", "MB of weights and values at most", max_memory_mb_, 0);
  arguments.option("--space", "What may be tried, in TOML (default: the one that Nitro has)",
                   space_);
  arguments.option("--calibration-scenes", "Scenes that calibrations are made of (default 48)",
                   calibration_scenes_, 1);
  arguments.option("--trials", "Different recipes in all (default 50)", trials_, 1);
  arguments.option("--time", "Seconds to try recipes at most", seconds_, 0);
  arguments.option("--few", "Scenes looked at before all (default 100)", few_, 1);
  arguments.option("--storage",
                   "Of the trials, as Optuna takes it (default: a file beside the "
                   "output)",
                   storage_);
  arguments.choice("--sampler",
                   "tpe (default) looks for the fastest, nsga2 for the whole Pareto front",
                   sampler_, {"tpe", "nsga2"});
  arguments.option(
      "--fleet",
      "Spreads the trials over the devices of a Ray cluster: ray://HOST:PORT, or local "
      "for one of this machine",
      fleet_);
  arguments.flag("--resume", "Goes on with the trials that are there", resume_);
}

Result<search::SearchOptions> SearchArguments::options(optimize::AccuracyLimits accuracy) const {
  if (!accuracy.any()) {
    return fail_with_hint(ErrorCode::kUsage, "a search needs an accuracy to keep",
                          "give --max-drop, --min-accuracy or --min-cosine");
  }
  search::SearchOptions options;
  options.limits.accuracy = std::move(accuracy);
  if (max_latency_ms_ > 0) options.limits.max_latency_ns = max_latency_ms_ * 1e6;
  if (max_memory_mb_ > 0) options.limits.max_memory_bytes = max_memory_mb_ * kMegabyte;
  const std::string text = space_.empty() ? std::string(search::default_space())
                                          : TRY(read_file(space_, uint64_t{1} << 20));
  options.space = TRY(in_context(search::space_from_toml(text), display(space_.native())));
  options.trials = trials_;
  if (seconds_ > 0) options.seconds = seconds_;
  options.study.sampler = sampler_;
  options.study.resume = resume_;
  return options;
}

std::string SearchArguments::storage(const std::filesystem::path& file) const {
  return storage_.empty() ? "sqlite:///" + std::filesystem::absolute(file).native() : storage_;
}

}  // namespace nitro::cli
