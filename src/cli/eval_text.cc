#include "cli/eval_text.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "cli/accuracy_text.h"
#include "cli/profile_text.h"
#include "cli/table.h"
#include "cli/wrapped.h"

namespace nitro::cli {
namespace {

/// "63 / 91 / 97"
std::string among_text(const Json& shares) {
  if (!shares.is_array()) return "–";
  std::vector<std::string> words;
  for (const Json& share : shares.items())
    words.push_back(fmt::format("{:.1f}", 100 * share.as_number()));
  return fmt::format("{}", fmt::join(words, " / "));
}

std::string head_text(const Json& result, size_t width) {
  const Json& runner = result.at("runner");
  const Json& data = result.at("data");
  const std::string precision = result.at("precision").as_string();
  std::string text = wrapped(
      fmt::format("{:<10} {}", "model", display(result.at("model").at("source").as_string())),
      width, 11);
  text += fmt::format(
      "{:<10} {} {}, {}{}, {} thread(s)\n", "runner", display(runner.at("name").as_string(), 30),
      display(runner.at("version").as_string(), 30), display(runner.at("provider").as_string(), 20),
      precision.empty() ? "" : ", " + display(precision, 10), runner.at("threads").as_integer());
  std::vector<std::string> modalities;
  for (const Json& name : data.at("modalities").items())
    modalities.push_back(display(name.as_string(), 40));
  text += wrapped(
      fmt::format("{:<10} {} of {} scenes, {} classes, {}: {:.1f} images/s{}", "data",
                  data.at("evaluated").as_integer(), data.at("scenes").as_integer(),
                  data.at("classes").as_integer(), fmt::join(modalities, " and "),
                  result.at("images_per_s").as_number(),
                  result.contains("checked_by")
                      ? "; metrics checked by " + display(result.at("checked_by").as_string(), 40)
                      : ""),
      width, 11);
  return text;
}

std::string accuracy_table(const Json& result) {
  Table table({{"MODALITY", Align::kLeft, true},
               {"TOP-1 %", Align::kRight},
               {"TOP-5", Align::kRight},
               {"IMAGE>TEXT R@1/5/10", Align::kRight},
               {"TEXT>IMAGE", Align::kRight},
               {"CLIPSCORE", Align::kRight}});
  for (const Json& modality : result.at("modalities").items()) {
    const Json& numbers = modality.at("numbers");
    table.add({modality.at("modality").as_string(), share_text(modality.at("top1")),
               numbers.at("top5").is_number() ? percent_text(numbers.at("top5").as_number()) : "–",
               among_text(numbers.at("text_found")), among_text(numbers.at("images_found")),
               numbers.at("clip_score").is_number()
                   ? fmt::format("{:.2f}", numbers.at("clip_score").as_number())
                   : "–"});
  }
  return table.text();
}

std::string reference_table(const Json& result, size_t width) {
  if (!result.at("reference").is_object()) return "";
  Table table({{"MODALITY", Align::kLeft, true},
               {"REFERENCE", Align::kRight},
               {"DIFFERENCE", Align::kRight},
               {"P", Align::kRight},
               {"VERDICT"},
               {"AGREE", Align::kRight},
               {"COSINE MIN / MEDIAN", Align::kRight}});
  std::string needed;
  for (const Json& modality : result.at("modalities").items()) {
    const Json& against = modality.at("reference");
    const Json& comparison = against.at("comparison");
    const Json& cosine = against.at("cosine");
    const bool compared = comparison.is_object();
    table.add({modality.at("modality").as_string(),
               compared ? percent_text(against.at("top1").as_number()) : "–",
               difference_text(comparison),
               compared ? fmt::format("{:.2g}", comparison.at("p_value").as_number()) : "–",
               compared ? comparison.at("verdict").as_string() : "–",
               compared ? percent_text(against.at("agreement").as_number()) : "–",
               cosine.is_object() ? fmt::format("{:.4f} / {:.4f}", cosine.at("least").as_number(),
                                                cosine.at("median").as_number())
                                  : "–"});
    if (const std::string more = needed_text(comparison); compared && !more.empty()) {
      needed += wrapped(
          fmt::format("{}: {}", display(modality.at("modality").as_string(), 40), more), width, 2);
    }
  }
  return "\n" +
         wrapped(fmt::format("against {}, in points; same: within {:g}",
                             display(result.at("reference").at("source").as_string()),
                             100 * result.at("margin").as_number()),
                 width, 2) +
         table.text() + needed;
}

std::string class_table(const Json& result) {
  std::vector<Column> columns = {{"CLASS", Align::kLeft, true}, {"IMAGES", Align::kRight}};
  const auto& modalities = result.at("modalities").items();
  for (const Json& modality : modalities)
    columns.push_back({modality.at("modality").as_string() + " TOP-1 %", Align::kRight, true});
  Table table(columns);
  const auto& classes = result.at("classes").items();
  for (size_t k = 0; k < classes.size(); ++k) {
    std::vector<std::string> cells = {classes[k].as_string(), ""};
    for (const Json& modality : modalities) {
      const auto& shares = modality.at("classes").items();
      const Json share = k < shares.size() ? shares[k] : Json();
      cells[1] = std::to_string(share.at("images").as_integer());
      cells.push_back(share.at("images").as_integer() > 0 ? share_text(share) : "–");
    }
    if (cells[1] != "0") table.add(std::move(cells));
  }
  return "\n" + table.text();
}

/// What was left out, or has no direction.
std::string notes_text(const Json& result, size_t width) {
  std::string text;
  for (const Json& note : result.at("data").at("notes").items())
    text += wrapped("note: " + display(note.as_string(), 300), width, 2);
  const Json& data = result.at("data");
  if (data.at("damaged").as_integer() > 0) {
    const auto& damages = data.at("damages").items();
    text += wrapped(fmt::format("warning: {} scene(s) with damaged images were left out, first: {}",
                                data.at("damaged").as_integer(),
                                damages.empty() ? "" : display(damages[0].as_string(), 300)),
                    width, 2);
  }
  for (const Json& modality : result.at("modalities").items()) {
    const int64_t without = modality.at("without_direction").as_integer();
    if (without == 0) continue;
    text += wrapped(fmt::format("warning: {} embedding(s) of {} are zero or not finite, and count "
                                "as wrong",
                                without, display(modality.at("modality").as_string(), 40)),
                    width, 2);
  }
  return text;
}

}  // namespace

std::string eval_text(const Json& result, bool per_class, size_t width) {
  std::string text =
      head_text(result, width) + "\n" + accuracy_table(result) + reference_table(result, width);
  if (per_class && result.at("classes").size() > 0) text += class_table(result);
  const std::string notes = notes_text(result, width);
  return text + (notes.empty() ? "" : "\n" + notes) + quality_notes_text(result, width);
}

}  // namespace nitro::cli
