#include <algorithm>

#include "base/text.h"
#include "passes/passes.h"
#include "passes/rebatch.h"

namespace nitro::passes {
namespace {

Result<std::vector<std::string>> words_of(const Parameters& parameters, const std::string& key) {
  std::vector<std::string> words;
  const auto given = parameters.find(key);
  if (given == parameters.end()) return words;
  for (std::string_view word : split(given->second, ',')) {
    if (word.empty())
      return fail(ErrorCode::kBadRecipe, "a modality has no name in '{}'", display(given->second));
    if (std::ranges::find(words, word) != words.end())
      return fail(ErrorCode::kBadRecipe, "modality '{}' is named twice", display(word));
    words.emplace_back(word);
  }
  return words;
}

Result<std::vector<Modality>> modalities_of(const Parameters& parameters) {
  if (!parameters.contains("modalities"))
    return fail(ErrorCode::kBadRecipe,
                "it needs the parameter 'modalities', for example rgb,depth");
  const std::vector<std::string> names = TRY(words_of(parameters, "modalities"));
  std::vector<Modality> modalities;
  for (const std::string& name : names) modalities.push_back({name});
  const std::vector<std::string> grey = TRY(words_of(parameters, "grey"));
  for (const std::string& name : grey) {
    const auto found = std::ranges::find(modalities, name, &Modality::name);
    if (found == modalities.end())
      return fail(ErrorCode::kBadRecipe, "'grey' names '{}', which is no modality", display(name));
    found->grey = true;
  }
  return modalities;
}

Result<void> check_input(const Graph& graph, bool grey) {
  if (graph.inputs().size() != 1) {
    return fail(ErrorCode::kUnsupportedOp, "it needs a model with one input, this one has {}",
                graph.inputs().size());
  }
  const TensorType& type = graph.type(graph.inputs()[0]);
  if (grey && (type.rank() != 4 || type.shape[1] != 3 || !is_float(type.dtype))) {
    return fail(ErrorCode::kUnsupportedOp,
                "a grey modality needs a model of images with three channels, this one takes {}",
                text(type));
  }
  return {};
}

}  // namespace

Result<bool> batch_modalities(Graph& graph, const Parameters& parameters) {
  const std::vector<Modality> modalities = TRY(modalities_of(parameters));
  if (modalities.size() < 2) return false;
  const auto has_input = [&](const Modality& modality) {
    return std::ranges::any_of(graph.inputs(),
                               [&](ValueId id) { return graph.value(id).name == modality.name; });
  };
  if (std::ranges::all_of(modalities, has_input)) return false;
  TRY(check_input(graph, std::ranges::any_of(modalities, &Modality::grey)));
  graph = TRY(rebatched(graph, modalities));
  return true;
}

}  // namespace nitro::passes
