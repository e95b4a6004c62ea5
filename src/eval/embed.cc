#include "eval/embed.h"

#include "base/text.h"

namespace nitro::eval {
namespace {

/// Appends the first `count` rows of `output`, which has `batch` rows, to `embeddings`.
Result<void> append_rows(Embeddings& embeddings, const Tensor& output, const Port& port,
                         size_t count) {
  const auto batch = static_cast<int64_t>(port.type.shape[0]);
  const bool fits = !output.shape().empty() && output.shape()[0] == batch &&
                    output.elements() > 0 && is_float(output.dtype());
  const size_t dim = fits ? static_cast<size_t>(output.elements() / batch) : 0;
  if (!fits || (embeddings.dim != 0 && embeddings.dim != dim)) {
    return fail(ErrorCode::kShapeMismatch, "the output '{}' is {}, not a row for each of {} images",
                display(port.output, 80), text(output.type()), batch);
  }
  embeddings.dim = dim;
  const std::vector<double> values = output.as<double>();
  embeddings.values.insert(embeddings.values.end(), values.begin(),
                           values.begin() + static_cast<std::ptrdiff_t>(count * dim));
  return {};
}

/// Of a batch that was interrupted, only what every model finished is kept.
void keep_complete(Embedded& result) {
  for (auto& modalities : result.models) {
    for (Embeddings& embeddings : modalities)
      embeddings.values.resize(embeddings.dim * result.samples.size());
  }
}

}  // namespace

Result<Embedded> embed(const DataSet& data, const std::vector<size_t>& chosen,
                       const std::vector<LoadedCalls>& models, runner::Runner& runner,
                       const SceneOptions& options) {
  Embedded result;
  result.models.assign(models.size(), std::vector<Embeddings>(data.modalities.size()));
  const auto take = [&](size_t model, const std::vector<Port>& call, size_t scenes,
                        const runner::NamedTensors& outputs) -> Result<void> {
    for (const Port& port : call) {
      const auto output = outputs.find(port.output);
      if (output == outputs.end()) {
        return fail(ErrorCode::kRunnerFailed, "the runner gave no output '{}'",
                    display(port.output, 80));
      }
      TRY(append_rows(result.models[model][port.modality], output->second, port, scenes));
    }
    return {};
  };
  SceneRun run = TRY(run_scenes(data, chosen, models, runner, options, take));
  result.samples = std::move(run.samples);
  result.damaged = std::move(run.damaged);
  result.interrupted = run.interrupted;
  keep_complete(result);
  return result;
}

}  // namespace nitro::eval
