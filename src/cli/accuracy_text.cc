#include "cli/accuracy_text.h"

#include <algorithm>

#include "base/text.h"
#include "cli/table.h"
#include "cli/wrapped.h"

namespace nitro::cli {

std::string percent_text(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string share_text(const Json& share) {
  if (!share.is_object()) return "–";
  const double images = std::max(1.0, share.at("images").as_number());
  return fmt::format("{} [{:.1f}, {:.1f}]", percent_text(share.at("hits").as_number() / images),
                     100 * share.at("low").as_number(), 100 * share.at("high").as_number());
}

std::string difference_text(const Json& comparison) {
  if (!comparison.is_object()) return "–";
  return fmt::format("{:+.1f} [{:+.1f}, {:+.1f}]", 100 * comparison.at("difference").as_number(),
                     100 * comparison.at("low").as_number(),
                     100 * comparison.at("high").as_number());
}

std::string needed_text(const Json& comparison) {
  if (comparison.at("verdict").as_string() != "unclear") return "";
  const Json& needed = comparison.at("images_needed");
  return needed.is_integer()
             ? fmt::format("needs about {} more images to tell", needed.as_integer())
             : "no number of images would tell with this margin";
}

std::string accuracy_text(const Json& accuracy, size_t width) {
  if (!accuracy.is_object()) return "";
  Table table({{"ACCURACY", Align::kLeft, true},
               {"BEFORE", Align::kRight},
               {"AFTER", Align::kRight},
               {"CHANGE", Align::kRight},
               {"VERDICT"},
               {"COSINE MIN / MEAN", Align::kRight}});
  std::string needed;
  for (const Json& modality : accuracy.at("modalities").items()) {
    const Json& against = modality.at("optimized").at("reference");
    const Json& comparison = against.at("comparison");
    const Json& cosine = against.at("cosine");
    const std::string& name = modality.at("modality").as_string();
    table.add({name, share_text(modality.at("baseline").at("top1")),
               share_text(modality.at("optimized").at("top1")), difference_text(comparison),
               comparison.is_object() ? comparison.at("verdict").as_string() : "–",
               cosine.is_object() ? fmt::format("{:.4f} / {:.4f}", cosine.at("least").as_number(),
                                                cosine.at("mean").as_number())
                                  : "–"});
    if (const std::string more = needed_text(comparison); !more.empty())
      needed += wrapped(fmt::format("{}: {}", display(name, 40), more), width, 2);
  }
  const int64_t scenes = accuracy.at("data").at("evaluated").as_integer();
  const std::string explained =
      accuracy.at("scores").as_string() == "none"
          ? fmt::format("Embeddings of {} scenes; without --classes there are no answers.", scenes)
          : fmt::format(
                "Top-1 of {} scenes with 95 % intervals, change in points; same: within {:g}.",
                scenes, 100 * accuracy.at("margin").as_number());
  return "\n" + table.text() + wrapped(explained, width, 2) + needed;
}

std::string limit_sentence(const optimize::LimitCheck& check) {
  const std::string modality = display(check.modality, 40);
  if (!check.value)
    return fmt::format("{}: what {} limits could not be told", modality, check.limit);
  if (check.limit == "max_drop") {
    return fmt::format("{}: top-1 fell by {:.1f} points, more than the {:g} of --max-drop",
                       modality, 100 * *check.value, 100 * check.bound);
  }
  if (check.limit == "min_accuracy") {
    return fmt::format("{}: top-1 is {:.4f}, below the {:g} of --min-accuracy", modality,
                       *check.value, check.bound);
  }
  return fmt::format(
      "{}: the mean cosine to the original is {:.4f}, below the {:g} of --min-cosine", modality,
      *check.value, check.bound);
}

}  // namespace nitro::cli
