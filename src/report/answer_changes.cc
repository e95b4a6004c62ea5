#include "report/answer_changes.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <tuple>
#include <vector>

#include "report/format.h"

namespace nitro::report {
namespace {

constexpr size_t kPairs = 10;
constexpr size_t kExamples = 12;

/// The class at `place` of the candidates; -1 is no decision.
std::string class_name(const Json& accuracy, const Json& place) {
  const auto& classes = accuracy.at("classes").items();
  const int64_t index = place.as_integer(-1);
  if (index < 0 || index >= std::ssize(classes)) return "nothing";
  return text(classes[static_cast<size_t>(index)].as_string(), 30);
}

/// Wrong decisions of one kind before and after.
struct Confusion {
  std::string modality;
  int64_t label = 0;
  int64_t decided = 0;
  int64_t before = 0;
  int64_t after = 0;

  int64_t change() const { return after - before; }
};

std::vector<Confusion> changed_confusions(const Json& accuracy) {
  std::vector<Confusion> all;
  for (const Json& modality : accuracy.at("modalities").items()) {
    std::map<std::pair<int64_t, int64_t>, Confusion> pairs;
    const auto count = [&](std::string_view side, int64_t Confusion::*images) {
      for (const Json& entry : modality.at(side).at("confusion").items()) {
        const auto& numbers = entry.items();
        if (numbers.size() != 3) continue;
        const int64_t label = numbers[0].as_integer(-1);
        const int64_t decided = numbers[1].as_integer(-1);
        Confusion& pair = pairs[{label, decided}];
        pair.label = label;
        pair.decided = decided;
        pair.*images += numbers[2].as_integer();
      }
    };
    count("baseline", &Confusion::before);
    count("optimized", &Confusion::after);
    for (auto& [key, pair] : pairs) {
      if (pair.change() == 0) continue;
      pair.modality = modality.at("modality").as_string();
      all.push_back(std::move(pair));
    }
  }
  std::ranges::stable_sort(all, std::greater(), [](const Confusion& pair) {
    return std::tuple(std::abs(pair.change()), pair.change());
  });
  return all;
}

/// The data URI of an image, "" where `image` is anything else.
std::string image_source(const Json& image) {
  constexpr std::string_view kStart = "data:image/png;base64,";
  const std::string& source = image.as_string();
  if (!source.starts_with(kStart)) return "";
  const bool plain = std::ranges::all_of(source.substr(kStart.size()), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '=';
  });
  return plain ? source : "";
}

std::string answer(const Json& accuracy, const Json& example, std::string_view side) {
  const bool right = example.at(side).as_integer(-1) == example.at("label").as_integer(-2);
  return fmt::format("<span class=\"mark {}\">{} {}</span>", right ? "good" : "bad",
                     right ? "✓" : "✗", class_name(accuracy, example.at(side)));
}

std::string figure(const Json& accuracy, const Json& example) {
  const std::string truth = class_name(accuracy, example.at("label"));
  const std::string modality = text(example.at("modality").as_string(), 20);
  const std::string source = image_source(example.at("image"));
  return fmt::format(
      "<figure>{}<figcaption><b>{}</b> in {}<br>{}<br>became {}</figcaption></figure>\n",
      source.empty() ? "<i class=\"no-image\"></i>"
                     : fmt::format(R"(<img src="{}" alt="{} in {}">)", source, truth, modality),
      truth, modality, answer(accuracy, example, "baseline"),
      answer(accuracy, example, "optimized"));
}

}  // namespace

std::string confusion_changes(const Json& accuracy) {
  const std::vector<Confusion> all = changed_confusions(accuracy);
  if (all.empty()) return "";
  std::string rows;
  for (size_t i = 0; i < std::min(all.size(), kPairs); ++i) {
    const Confusion& pair = all[i];
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}{}</td></"
        "tr>\n",
        class_name(accuracy, pair.label), class_name(accuracy, pair.decided),
        text(pair.modality, 30), grouped(pair.before), grouped(pair.after),
        pair.change() > 0 ? "+" : "−", grouped(std::abs(pair.change())));
  }
  return fmt::format(R"(<h3>Confusions that changed</h3>
<div class="table-frame whole"><table class="confusions">
<thead><tr><th scope="col">Truth</th><th scope="col">Answered</th><th scope="col">Modality</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">Change</th></tr></thead>
<tbody>
{}</tbody></table></div>
{})",
                     rows,
                     all.size() > kPairs
                         ? fmt::format("<p><small>The {} that changed most of {}.</small></p>\n",
                                       kPairs, grouped(std::ssize(all)))
                         : "");
}

std::string changed_examples(const Json& accuracy) {
  const auto& examples = accuracy.at("examples").items();
  if (examples.empty()) return "";
  std::string figures;
  for (size_t i = 0; i < std::min(examples.size(), kExamples); ++i)
    figures += figure(accuracy, examples[i]);
  return fmt::format("<h3>Answers that changed</h3>\n<div class=\"answers\">\n{}</div>\n", figures);
}

}  // namespace nitro::report
