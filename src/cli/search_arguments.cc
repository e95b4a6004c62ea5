#include "cli/search_arguments.h"

#include "base/file.h"
#include "base/text.h"

namespace nitro::cli {
namespace {

constexpr double kMegabyte = 1e6;

/// "1", "0.5pt" or "97%" as a share; kUsage on what is not of 0..100.
Result<std::optional<double>> points(std::string_view option, std::string_view text) {
  if (text.empty()) return std::optional<double>();
  std::string_view digits = text;
  for (std::string_view unit : {"pt", "%"})
    if (digits.ends_with(unit)) digits.remove_suffix(unit.size());
  double value = 0;
  if (!parse_number(digits, value) || !(value >= 0 && value <= 100)) {
    return fail(ErrorCode::kUsage, "{} must be points of 0 to 100, not '{}'", option,
                display(text, 60));
  }
  return value / 100;
}

Result<std::optional<double>> cosine(std::string_view text) {
  if (text.empty()) return std::optional<double>();
  double value = 0;
  if (!parse_number(text, value) || !(value >= -1 && value <= 1)) {
    return fail(ErrorCode::kUsage, "--min-cosine must be of -1 to 1, not '{}'", display(text, 60));
  }
  return value;
}

}  // namespace

void SearchArguments::declare(Arguments& arguments) {
  arguments.option("--max-drop", "Points of top-1 that any modality may lose: 1", max_drop_);
  arguments.option("--min-accuracy", "Top-1 in percent that every modality must keep",
                   min_accuracy_);
  arguments.option("--min-cosine", "Mean cosine of embeddings to the original's: 0.99",
                   min_cosine_);
  arguments.option("--max-latency", "Milliseconds of a frame at most", max_latency_ms_, 0);
  arguments.option("--max-memory", "MB of weights and values at most", max_memory_mb_, 0);
  arguments.option("--space", "What may be tried, in TOML (default: the one that Nitro has)",
                   space_);
  arguments.option("--calibration", "File for the passes that take a calibration", calibration_);
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
  arguments.flag("--resume", "Goes on with the trials that are there", resume_);
}

Result<search::Limits> SearchArguments::limits() const {
  search::Limits limits;
  limits.max_drop = TRY(points("--max-drop", max_drop_));
  limits.min_accuracy = TRY(points("--min-accuracy", min_accuracy_));
  limits.min_cosine = TRY(cosine(min_cosine_));
  if (!limits.max_drop && !limits.min_accuracy && !limits.min_cosine) {
    return fail_with_hint(ErrorCode::kUsage, "a search needs an accuracy to keep",
                          "give --max-drop, --min-accuracy or --min-cosine");
  }
  if (max_latency_ms_ > 0) limits.max_latency_ns = max_latency_ms_ * 1e6;
  if (max_memory_mb_ > 0) limits.max_memory_bytes = max_memory_mb_ * kMegabyte;
  return limits;
}

Result<search::SearchOptions> SearchArguments::options() const {
  search::SearchOptions options;
  options.limits = TRY(limits());
  const std::string text = space_.empty() ? std::string(search::default_space())
                                          : TRY(read_file(space_, uint64_t{1} << 20));
  options.space = TRY(in_context(search::space_from_toml(text), display(space_.native())));
  options.context.calibration = calibration_;
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
