#include "cli/model_arguments.h"

#include "base/text.h"
#include "cli/types_by_run.h"
#include "plan/plan_file.h"

namespace nitro::cli {

Result<std::pair<std::string, Shape>> parse_named_shape(std::string_view text, char separator) {
  const auto bad = [&] {
    return fail_with_hint(
        ErrorCode::kUsage, fmt::format("'{}' is not a shape", display(text, 80)),
        fmt::format("write the name of an input and its dimensions: image{}1x3x224x224",
                    separator));
  };
  const size_t end = text.rfind(separator);
  if (end == std::string_view::npos || end == 0) return bad();
  Shape shape;
  for (std::string_view word : split(text.substr(end + 1), 'x')) {
    int64_t dimension = 0;
    if (!parse_integer(word, dimension) || dimension < 0) return bad();
    shape.push_back(dimension);
  }
  TRY(check_shape(shape, DType::kF32));
  return std::pair(std::string(text.substr(0, end)), std::move(shape));
}

void ModelArguments::declare(Arguments& arguments) {
  arguments.positional("MODEL", "An ONNX file, or zoo:NAME", source_);
  arguments.list("--shape", "Binds the free dimensions of an input: name=1x3x224x224", shape_);
  arguments.option("--shapes", "The same as trtexec writes it: name:1x3x224x224,other:1x8",
                   shapes_);
  arguments.option("--weights",
                   "A safetensors file with the parameters of a zoo model, or `random`", weights_);
  arguments.option("--max-model-bytes", "Refuses a larger file (default 2147483647)",
                   max_model_bytes_, 1);
  arguments.option("--max-nodes", "Refuses a model with more nodes (default 1000000)", max_nodes_,
                   1);
  arguments.flag("--allow-symlinks", "Follows links of external data beneath the model's folder",
                 allow_symlinks_);
  arguments.flag("--strict", "Refuses external data that is a hard link", strict_);
}

void ModelArguments::declare_types_by_run(Arguments& arguments) {
  arguments.flag("--types-by-run", "Executes the model in onnxruntime where types are missing",
                 types_by_run_);
}

Result<zoo::OpenOptions> ModelArguments::options() const {
  if (plan::is_plan_file(source_)) {
    return fail_with_hint(ErrorCode::kUsage,
                          fmt::format("{} is a plan, not a model", display(source_, 80)),
                          "nitro inspect shows it; give the model that it was made from");
  }
  zoo::OpenOptions options;
  for (const std::string& text : shape_) {
    options.import.shapes.insert(TRY(parse_named_shape(text, '=')));
  }
  if (!shapes_.empty()) {
    for (std::string_view text : split(shapes_, ',')) {
      options.import.shapes.insert(TRY(parse_named_shape(text, ':')));
    }
  }
  if (!weights_.empty() && !source_.starts_with("zoo:")) {
    return fail(ErrorCode::kUsage, "--weights is for zoo models; {} brings its own",
                display(source_, 80));
  }
  options.weights = weights_;
  onnx::Limits& limits = options.import.limits;
  limits.max_model_bytes =
      std::min(limits.max_model_bytes, static_cast<uint64_t>(max_model_bytes_));
  limits.max_nodes = static_cast<size_t>(max_nodes_);
  limits.symlinks = allow_symlinks_;
  limits.hard_links = !strict_;
  if (!types_by_run_) return options;
  optimize::RunSetup setup;
  setup.load.shapes = options.import.shapes;
  options.import.types_by_run = types_by_run(std::move(setup));
  return options;
}

Result<zoo::OpenedModel> ModelArguments::open(const std::filesystem::path& scratch) const {
  return zoo::open_model(source_, scratch, TRY(options()));
}

}  // namespace nitro::cli
