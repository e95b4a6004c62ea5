#include "cli/predict_text.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cli/table.h"
#include "cli/wrapped.h"
#include "report/format.h"

namespace nitro::cli {
namespace {

using predict::PredictedLayer;

std::string ms(double ns) { return fmt::format("{:.3f}", ns / 1e6); }

/// Shares of the time, the largest first: "compute 71.2%, memory 20.1%".
template <class Word>
std::string shares(const predict::Prediction& prediction, const Word& word) {
  std::map<std::string_view, double> sums;
  for (const PredictedLayer& layer : prediction.layers) sums[word(layer)] += layer.total_ns();
  std::vector<std::pair<double, std::string_view>> sorted;
  for (const auto& [name, sum] : sums) sorted.emplace_back(sum, name);
  std::ranges::sort(sorted, std::greater());
  std::vector<std::string> parts;
  for (const auto& [sum, name] : sorted)
    parts.push_back(fmt::format("{} {}", name, report::percent(sum / prediction.total_ns)));
  if (parts.empty()) return "no layers";
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string layer_table(const PredictedModel& model, size_t top) {
  std::vector<const PredictedLayer*> layers;
  for (const PredictedLayer& layer : model.prediction.layers) layers.push_back(&layer);
  std::ranges::stable_sort(layers, std::greater(),
                           [](const PredictedLayer* layer) { return layer->total_ns(); });
  if (top > 0 && layers.size() > top) layers.resize(top);
  Table table({{"MS", Align::kRight},
               {"SHARE", Align::kRight},
               {"MODULE", Align::kLeft, true},
               {"OPS", Align::kLeft, true},
               {"KIND"},
               {"GFLOP", Align::kRight},
               {"MB", Align::kRight},
               {"LIMIT"}});
  double shown = 0;
  for (const PredictedLayer* layer : layers) {
    shown += layer->total_ns();
    table.add(
        {ms(layer->total_ns()), report::percent(layer->total_ns() / model.prediction.total_ns),
         predict::module_of(model.prediction, layer->layer), layer->layer.ops,
         std::string(name(layer->layer.family)), fmt::format("{:.3f}", layer->layer.flops / 1e9),
         fmt::format("{:.2f}", predict::traffic_bytes(layer->layer, model.options.device,
                                                      model.options.precision) /
                                   1e6),
         std::string(name(layer->limit()))});
  }
  std::string text = table.text();
  if (layers.size() < model.prediction.layers.size()) {
    text += fmt::format("{} of {} layers, {} of the time; --top 0 shows all\n", layers.size(),
                        model.prediction.layers.size(),
                        report::percent(shown / model.prediction.total_ns));
  }
  return text;
}

/// "1.23x"; "-" where there is nothing to compare.
std::string factor(double before_ns, double after_ns) {
  return before_ns > 0 && after_ns > 0 ? fmt::format("{:.2f}x", before_ns / after_ns) : "-";
}

std::string change_table(const std::vector<predict::WhatIf>& changes) {
  if (changes.empty()) return "";
  Table table({{"WHAT IF"},
               {"MS", Align::kRight},
               {"NOW", Align::kRight},
               {"AT MOST"},
               {"MEANING", Align::kLeft, true}});
  for (const predict::WhatIf& change : changes) {
    table.add({change.change, ms(change.after_ns), ms(change.before_ns),
               factor(change.before_ns, change.after_ns), std::string(change.meaning)});
  }
  return "\n" + table.text();
}

}  // namespace

std::string predict_text(const PredictedModel& model, size_t top, size_t width) {
  const predict::Prediction& prediction = model.prediction;
  const predict::Device& device = model.options.device;
  const auto line = [&](std::string_view word, const std::string& text) {
    return wrapped(fmt::format("{:<10} {}", word, text), width, 11);
  };
  return line("model", display(model.source, 80)) +
         line("on", fmt::format("{}, {}, {}", display(device.title, 60),
                                model.options.runtime.title, name(model.options.precision))) +
         line("predicted",
              fmt::format("{} ms  [{}, {}], made to hold 9 of 10 networks", ms(prediction.total_ns),
                          ms(prediction.low_ns), ms(prediction.high_ns))) +
         line("memory",
              fmt::format("{} of weights, {} of activations at once; the device has {}",
                          report::quantity(prediction.weight_bytes, "B"),
                          report::quantity(prediction.activation_bytes, "B"),
                          report::quantity(static_cast<double>(device.memory_bytes), "B"))) +
         line("limits", shares(prediction, [](const auto& layer) { return name(layer.limit()); })) +
         line("kinds",
              shares(prediction, [](const auto& layer) { return name(layer.layer.family); })) +
         line("rates", model.options.runtime.source) +
         (prediction.unknown.empty()
              ? ""
              : line("not known",
                     display(fmt::format("{}", fmt::join(prediction.unknown, ", ")), 400) +
                         ": counted as nothing but reading and writing")) +
         (is_fitted_to(model.options.runtime, device)
              ? ""
              : line("note",
                     "no measurement on this device was used, so the interval is "
                     "wider")) +
         "\n" + layer_table(model, top) + change_table(model.changes);
}

Json predict_json(const PredictedModel& model) {
  const predict::Prediction& prediction = model.prediction;
  const predict::Device& device = model.options.device;
  Json layers = Json::array();
  for (const PredictedLayer& layer : prediction.layers) {
    Json nodes = Json::array();
    for (OriginId origin : layer.layer.origins) nodes.push_back(prediction.origins[origin].node);
    layers.push_back(
        Json::object({{"module", predict::module_of(prediction, layer.layer)},
                      {"ops", layer.layer.ops},
                      {"nodes", std::move(nodes)},
                      {"kind", name(layer.layer.family)},
                      {"predicted_ns", layer.total_ns()},
                      {"arithmetic_ns", layer.time.arithmetic_ns},
                      {"memory_ns", layer.time.memory_ns},
                      {"fixed_ns", layer.time.fixed_ns},
                      {"wait_ns", layer.wait_ns},
                      {"limit", name(layer.limit())},
                      {"flops", layer.layer.flops},
                      {"bytes", predict::traffic_bytes(layer.layer, model.options.device,
                                                       model.options.precision)}}));
  }
  Json changes = Json::array();
  for (const predict::WhatIf& change : model.changes) {
    changes.push_back(Json::object({{"change", change.change},
                                    {"meaning", change.meaning},
                                    {"before_ns", change.before_ns},
                                    {"after_ns", change.after_ns}}));
  }
  return Json::object({{"model", model.source},
                       {"device", device.name},
                       {"runtime", model.options.runtime.name},
                       {"precision", name(model.options.precision)},
                       {"predicted_ns", prediction.total_ns},
                       {"low_ns", prediction.low_ns},
                       {"high_ns", prediction.high_ns},
                       {"rates", model.options.runtime.source},
                       {"measured_device", is_fitted_to(model.options.runtime, device)},
                       {"weight_bytes", prediction.weight_bytes},
                       {"activation_bytes", prediction.activation_bytes},
                       {"device_memory_bytes", device.memory_bytes},
                       {"not_known", Json::array_of(prediction.unknown)},
                       {"layers", std::move(layers)},
                       {"what_if", std::move(changes)}});
}

}  // namespace nitro::cli
