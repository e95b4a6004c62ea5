#include "cli/limit_arguments.h"

#include <charconv>

#include "base/text.h"

namespace nitro::cli {
namespace {

/// "0.58" as a share of the images.
Result<double> parse_share(std::string_view word) {
  double share = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), share);
  if (error == std::errc() && end == word.data() + word.size() && share >= 0 && share <= 1)
    return share;
  return fail_with_hint(ErrorCode::kUsage,
                        fmt::format("--min-accuracy is a share of the images from 0 to 1, not '{}'",
                                    display(word, 60)),
                        "--min-accuracy 0.58, or for each modality rgb=0.58,depth=0.7");
}

}  // namespace

void LimitArguments::declare(Arguments& arguments) {
  arguments.option("--max-drop", "Exit code 1 where a modality loses more points of top-1",
                   max_drop_, 0);
  arguments.option("--min-accuracy",
                   "Exit code 1 where top-1 is below: 0.58, or rgb=0.58,depth=0.7", min_accuracy_);
  arguments.option("--min-cosine",
                   "Exit code 1 where the mean cosine of embeddings to the original's is below",
                   min_cosine_, -1);
}

Result<optimize::AccuracyLimits> LimitArguments::limits() const {
  optimize::AccuracyLimits limits;
  if (max_drop_ != kNotGiven) limits.max_drop = max_drop_ / 100;
  if (min_cosine_ != kNotGiven) limits.min_cosine = min_cosine_;
  if (min_accuracy_.empty()) return limits;
  for (std::string_view word : split(min_accuracy_, ',')) {
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) {
      limits.min_accuracy = TRY(parse_share(word));
    } else {
      limits.min_accuracy_of[std::string(word.substr(0, equals))] =
          TRY(parse_share(word.substr(equals + 1)));
    }
  }
  return limits;
}

}  // namespace nitro::cli
