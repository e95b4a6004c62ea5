#include "cli/profile_text.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "cli/clock_text.h"
#include "cli/module_work.h"
#include "cli/table.h"
#include "cli/wrapped.h"
#include "report/format.h"

namespace nitro::cli {
namespace {

std::string milliseconds(const Json& ns) {
  return ns.is_number() ? fmt::format("{:.3f}", ns.as_number() / 1e6) : "–";
}

std::string scaled(const Json& value, double unit, int digits) {
  return value.is_number() ? fmt::format("{:.{}f}", value.as_number() / unit, digits) : "–";
}

std::string percent(const Json& share) { return fmt::format("{:.1f}%", share.as_number() * 100); }

std::string interval(const Json& summary) {
  if (!summary.contains("low_ns")) return "";
  return fmt::format("  [{}, {}]", milliseconds(summary.at("low_ns")),
                     milliseconds(summary.at("high_ns")));
}

std::string counted(const Json& number, std::string_view one, std::string_view many) {
  const int64_t count = number.as_integer(1);
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string end_of_sampling(const std::string& stop_reason) {
  if (stop_reason == "precise") return "until precise";
  if (stop_reason == "timeout") return "until the time limit";
  if (stop_reason == "count") return "until enough";
  return display(stop_reason, 20);
}

std::string end_to_end_line(const Json& summary) {
  return fmt::format("{:<10} {} ms/frame{}   {} in {}, {}\n", "end to end",
                     milliseconds(summary.at("median_ns")), interval(summary),
                     counted(summary.at("n"), "sample", "samples"),
                     counted(summary.at("repetitions"), "process", "processes"),
                     end_of_sampling(summary.at("stop_reason").as_string()));
}

std::string layers_line(const Json& profile) {
  if (profile.at("layers").size() == 0) return fmt::format("{:<10} not profiled\n", "layers");
  const double rest = profile.at("overhead_ns").as_number();
  std::string start;
  if (profile.contains("start_ns")) {
    start = fmt::format("{} ms to start and await them, ", milliseconds(profile.at("start_ns")));
  }
  return fmt::format("{:<10} {} ms in {}, {}{} ms {}; {} traced to the model\n", "layers",
                     milliseconds(profile.at("layers_sum_ns")),
                     counted(Json(profile.at("layers").size()), "layer", "layers"), start,
                     milliseconds(Json(std::abs(rest))),
                     rest < 0 ? "of it added by profiling" : "outside layers",
                     percent(profile.at("attributed_share")));
}

/// The sum of the layers as each way to measure them gives it.
std::string ways_line(const Json& profile) {
  struct Way {
    std::string_view words;
    std::vector<std::string_view> keys;
  };
  std::string line;
  for (const Way& way : {Way{"in the graph", {"time_ns"}}, Way{"launched again", {"again_ns"}},
                         Way{"by CUPTI", {"kernel_ns", "gap_ns"}}, Way{"alone", {"alone_ns"}}}) {
    double sum = 0;
    bool measured = true;
    for (const Json& layer : profile.at("layers").items()) {
      for (const std::string_view key : way.keys) {
        measured = measured && layer.contains(key);
        if (measured) sum += layer.at(key).as_number();
      }
    }
    if (!measured) continue;
    line +=
        fmt::format("{}{} ms {}", line.empty() ? "" : " · ", milliseconds(Json(sum)), way.words);
  }
  return line.contains("·") ? fmt::format("{:<10} {}\n", "their sum", line) : "";
}

/// Layer times by what holds them, most first.
std::string bounds_line(const Json& profile) {
  std::vector<std::pair<std::string, double>> shares;
  for (const Json& layer : profile.at("layers").items()) {
    const std::string& bound = layer.at("bound").as_string();
    auto found = std::ranges::find(shares, bound, &std::pair<std::string, double>::first);
    if (found == shares.end()) found = shares.insert(shares.end(), {bound, 0.0});
    found->second += layer.at("share").as_number();
  }
  std::ranges::stable_sort(shares, std::ranges::greater{}, &std::pair<std::string, double>::second);
  std::string line;
  for (const auto& [bound, share] : shares) {
    line += fmt::format("{}{:.0f}% {}", line.empty() ? "" : " · ", share * 100, display(bound, 20));
  }
  return fmt::format("{:<10} {}\n", "held by", line);
}

std::vector<const Json*> ordered(const Json& layers, LayerOrder order) {
  std::vector<const Json*> result;
  for (const Json& layer : layers.items()) result.push_back(&layer);
  const auto descending = [](const char* key) {
    return [key](const Json* a, const Json* b) {
      return a->at(key).as_number() > b->at(key).as_number();
    };
  };
  if (order == LayerOrder::kTime) std::ranges::stable_sort(result, descending("time_ns"));
  if (order == LayerOrder::kFlops) std::ranges::stable_sort(result, descending("flops"));
  if (order == LayerOrder::kName) {
    std::ranges::stable_sort(result, [](const Json* a, const Json* b) {
      return a->at("name").as_string() < b->at("name").as_string();
    });
  }
  return result;
}

std::string layer_label(const Json& layer) {
  const std::string& module = layer.at("module").as_string();
  return module.empty() ? layer.at("name").as_string() : module;
}

std::string layer_table(const Json& profile, const ProfileTextOptions& options) {
  Table table({{"MS", Align::kRight},
               {"SHARE", Align::kRight},
               {"MODULE OR LAYER", Align::kLeft, true},
               {"OP", Align::kLeft, true},
               {"GFLOP", Align::kRight},
               {"MB", Align::kRight},
               {"FLOP/B", Align::kRight},
               {"BOUND"}});
  const auto layers = ordered(profile.at("layers"), options.order);
  const size_t shown = std::min(options.top, layers.size());
  double share = 0;
  for (size_t i = 0; i < shown; ++i) {
    const Json& layer = *layers[i];
    share += layer.at("share").as_number();
    table.add({milliseconds(layer.at("time_ns")), percent(layer.at("share")), layer_label(layer),
               layer.at("op").as_string(), scaled(layer.at("flops"), 1e9, 3),
               scaled(layer.at("bytes"), 1e6, 2), scaled(layer.at("intensity"), 1, 1),
               layer.at("bound").as_string()});
  }
  std::string text = table.text();
  if (shown < layers.size()) {
    text += fmt::format("{} of {} layers, {:.1f}% of the time; --top 0 shows all\n", shown,
                        layers.size(), share * 100);
  }
  return text;
}

std::string module_table(const Json& profile, const ProfileTextOptions& options) {
  Table table({{"MODULE", Align::kLeft, true},
               {"MS", Align::kRight},
               {"SHARE", Align::kRight},
               {"GFLOP", Align::kRight},
               {"MB", Align::kRight}});
  for (const Json& module : profile.at("modules").items()) {
    const std::string& path = module.at("path").as_string();
    const size_t depth = module_depth(path);
    if (depth > options.tree_depth) continue;
    const std::string last = path.substr(path.rfind('.') + 1);
    table.add({std::string(2 * depth, ' ') + (path.empty() ? "(all)" : last),
               milliseconds(module.at("time_ns")), percent(module.at("share")),
               scaled(module.at("flops"), 1e9, 3), scaled(module.at("bytes"), 1e6, 2)});
  }
  return table.text();
}

}  // namespace

std::string profile_text(const Json& result, std::string_view model_key,
                         const ProfileTextOptions& options) {
  const Json& measured = result.at(model_key);
  const Json& profile = measured.at("profile");
  const std::string text =
      setup_text(result) + end_to_end_line(measured.at("summary")) + energy_text(measured);
  if (profile.at("layers").size() == 0) return text + layers_line(profile);
  return text + layers_line(profile) + ways_line(profile) + bounds_line(profile) +
         clock_line(profile) + "\n" +
         (options.tree ? module_table(profile, options) : layer_table(profile, options)) +
         clock_table(profile, options.top);
}

std::string energy_text(const Json& measured) {
  const Json& energy = measured.at("energy");
  if (!energy.is_object()) return "";
  return fmt::format(
      "{:<10} {:.1f} mJ/frame, {:.1f} more than idle ({:.2f} W, idle {:.2f} W)\n", "energy",
      energy.at("frame_mj").as_number(), energy.at("frame_net_mj").as_number(),
      energy.at("power_mw").as_number() / 1000, energy.at("idle_power_mw").as_number() / 1000);
}

std::string setup_text(const Json& result) {
  const Json& runner = result.at("runner");
  const Json& workload = result.at("workload");
  std::string given;
  for (const auto& [name, file] : workload.at("given").members()) {
    given += fmt::format("{}{} = {}", given.empty() ? "" : ", ", display(name, 40),
                         display(file.as_string(), 60));
  }
  const auto line = [](std::string_view word, const std::string& words) {
    return wrapped(fmt::format("{:<10} {}", word, words), kTableCells, 11);
  };
  std::string text = line("model", display(result.at("model").at("source").as_string(), 80)) +
                     line("frame", display(workload.at("description").as_string(), 400));
  if (!given.empty()) text += line("given", given);
  return text + fmt::format("{:<10} {} {} {}, {}, graph level {}\n", "runner",
                            display(runner.at("name").as_string(), 30),
                            display(runner.at("version").as_string(), 30),
                            display(runner.at("provider").as_string(), 20),
                            counted(runner.at("threads"), "thread", "threads"),
                            display(runner.at("graph_level").as_string(), 20));
}

std::string quality_notes_text(const Json& result, size_t width) {
  std::string text;
  for (const Json& note : result.at("quality_notes").items()) {
    const std::string& detail = note.at("detail").as_string();
    std::string sentence = display(note.at("message").as_string());
    if (!detail.empty()) {
      if (sentence.ends_with('.')) sentence.pop_back();
      sentence += fmt::format(" ({}).", display(detail));
    }
    const std::string severity = display(note.at("severity").as_string(), 20);
    text += wrapped(fmt::format("{}: {}", severity, sentence), width, 4);
    text += wrapped("    remedy: " + display(note.at("remedy").as_string()), width, 4);
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace nitro::cli
