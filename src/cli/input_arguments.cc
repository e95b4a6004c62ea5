#include "cli/input_arguments.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "image/image.h"
#include "optimize/grey_input.h"
#include "optimize/sample_inputs.h"
#include "runner/npy.h"

namespace nitro::cli {
namespace {

using Wanted = std::vector<optimize::FrameInput>;

struct Given {
  std::string name;
  std::string source;
};

/// "name=source"; without a name it is for the only input.
Result<Given> parse_given(const std::string& text, const Wanted& wanted) {
  const size_t equals = text.find('=');
  if (equals != std::string::npos) return Given{text.substr(0, equals), text.substr(equals + 1)};
  if (wanted.size() == 1) return Given{wanted[0].name, text};
  return fail_with_hint(ErrorCode::kUsage,
                        fmt::format("'{}' does not say which input it is for", display(text, 80)),
                        "write --input name=file");
}

Result<std::map<std::string, std::string>> sources(const std::vector<std::string>& texts,
                                                   const Wanted& wanted) {
  std::vector<std::string> names;
  for (const optimize::FrameInput& input : wanted) names.push_back(input.name);
  std::map<std::string, std::string> result;
  for (const std::string& text : texts) {
    Given given = TRY(parse_given(text, wanted));
    if (std::ranges::find(names, given.name) == names.end()) {
      const std::string near = closest(given.name, names);
      return fail_with_hint(
          ErrorCode::kUsage, fmt::format("there is no input '{}'", display(given.name, 80)),
          near.empty() ? display(fmt::format("inputs: {}", fmt::join(names, ", ")))
                       : fmt::format("did you mean '{}'?", display(near, 80)));
    }
    if (!result.emplace(given.name, given.source).second) {
      return fail(ErrorCode::kUsage, "--input {} is given twice", display(given.name, 80));
    }
  }
  return result;
}

}  // namespace

void InputArguments::declare(Arguments& arguments) {
  arguments.list("--input", "name=FILE.npy, name=IMAGE (PNG, JPEG), name=random or name=natural",
                 inputs_);
  arguments.choice("--pixels", "Of images: normalized as EdgeVL does (default), or raw 0..255",
                   pixels_, {"normalized", "raw"});
  arguments.option("--seed", "Of random inputs (default 1)", seed_, 0);
}

Result<Tensor> InputArguments::tensor(const std::string& source, const optimize::FrameInput& input,
                                      size_t index) const {
  const TensorType& type = input.type;
  const auto seed = static_cast<uint64_t>(seed_) + index;
  for (const auto kind : {optimize::InputKind::kRandom, optimize::InputKind::kNatural}) {
    if (source != optimize::name(kind)) continue;
    return input.grey ? optimize::sample_grey(type, kind, seed)
                      : optimize::sample_input(type, kind, seed);
  }
  if (source.ends_with(".npy")) {
    Tensor tensor = TRY(runner::read_npy(source));
    if (tensor.type() == type) return tensor;
    return fail(ErrorCode::kShapeMismatch, "{} is {}, the input is {}", display(source, 80),
                text(tensor.type()), text(type));
  }
  if (type.dtype != DType::kF32) {
    return fail(ErrorCode::kUsage, "an image does not fit an input of {}", text(type));
  }
  if (input.grey && raw()) {
    return fail(ErrorCode::kUsage, "--pixels raw does not fit a grey modality, which takes 0..1");
  }
  const image::Image pixels = TRY(image::read_image(source));
  if (input.grey) return image::prepare_image(pixels, type.shape, image::Pixels::kUnit);
  return image::prepare_image(pixels, type.shape,
                              raw() ? image::Pixels::kRaw : image::Pixels::kNormalized);
}

Result<std::vector<optimize::GivenInput>> InputArguments::given(const Wanted& wanted) const {
  const auto named = TRY(sources(inputs_, wanted));
  std::vector<optimize::GivenInput> result;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto found = named.find(wanted[i].name);
    if (found == named.end()) continue;
    Tensor made = TRY(
        in_context(tensor(found->second, wanted[i], i), "input " + display(wanted[i].name, 80)));
    const std::string file = std::filesystem::path(found->second).filename();
    result.push_back({wanted[i].name, file, std::move(made)});
  }
  return result;
}

Result<runner::NamedTensors> InputArguments::tensors(const Graph& graph) const {
  const Wanted wanted = optimize::Workload().frame_inputs(graph);
  runner::NamedTensors result;
  auto all = TRY(given(wanted));
  for (optimize::GivenInput& input : all) result.emplace(input.name, std::move(input.tensor));
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (result.contains(wanted[i].name)) continue;
    result.emplace(wanted[i].name, TRY(tensor("random", wanted[i], i)));
  }
  return result;
}

std::string InputArguments::note(const Graph& graph) const {
  const size_t missing = graph.inputs().size() - std::min(graph.inputs().size(), inputs_.size());
  return missing == 0
             ? ""
             : fmt::format("{} input(s) without --input are random, seed {}", missing, seed_);
}

}  // namespace nitro::cli
