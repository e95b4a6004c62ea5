#include "passes/modalities.h"

#include <algorithm>

#include "base/text.h"
#include "image/imagenet.h"

namespace nitro::passes {
namespace {

/// The words of the parameter `key`: none where it is not given.
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

Tensor per_channel(DType dtype, const std::array<double, 3>& values) {
  return Tensor::of(dtype, {1, 3, 1, 1}, std::vector(values.begin(), values.end()));
}

}  // namespace

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

bool has_inputs(const Graph& graph, const std::vector<Modality>& modalities) {
  return std::ranges::all_of(modalities, [&](const Modality& modality) {
    return std::ranges::any_of(graph.inputs(),
                               [&](ValueId id) { return graph.value(id).name == modality.name; });
  });
}

Result<void> check_input(const Graph& graph, const std::vector<Modality>& modalities) {
  const bool grey = std::ranges::any_of(modalities, &Modality::grey);
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

TensorType input_type(const Modality& modality, TensorType type) {
  if (modality.grey && type.rank() > 1) type.shape[1] = 1;
  return type;
}

Result<ValueId> grey_as_colour(Graph& graph, ValueId grey) {
  Shape shape = graph.type(grey).shape;
  const DType dtype = graph.type(grey).dtype;
  shape[1] = 3;
  const ValueId mean = graph.add_constant(per_channel(dtype, image::kImageNetMean));
  const ValueId deviation = graph.add_constant(per_channel(dtype, image::kImageNetDeviation));
  const ValueId copies = TRY(graph.add_node(Expand{shape}, {grey}))[0];
  const ValueId centred = TRY(graph.add_node(Binary{BinaryKind::kSub}, {copies, mean}))[0];
  return TRY(graph.add_node(Binary{BinaryKind::kDiv}, {centred, deviation}))[0];
}

}  // namespace nitro::passes
