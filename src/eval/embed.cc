#include "eval/embed.h"

#include <algorithm>
#include <cstring>

#include "base/read_ahead.h"
#include "base/text.h"
#include "eval/load_image.h"

namespace nitro::eval {
namespace {

/// The tensors of one scene: [place of a port in Ports].
using Scene = std::vector<Tensor>;

/// The different ways in which the models take images, each read once.
class Ports {
 public:
  explicit Ports(const std::vector<LoadedCalls>& models) {
    for (const LoadedCalls& model : models) {
      for (const auto& call : model.calls) {
        for (const Port& port : call) {
          if (find(port) == ports_.size()) ports_.push_back(port);
        }
      }
    }
  }

  size_t find(const Port& port) const {
    const auto same = std::ranges::find_if(ports_, [&](const Port& known) {
      return known.modality == port.modality && known.pixels == port.pixels &&
             known.type.dtype == port.type.dtype && known.type.rank() == port.type.rank() &&
             std::equal(known.type.shape.begin() + 1, known.type.shape.end(),
                        port.type.shape.begin() + 1);
    });
    return static_cast<size_t>(same - ports_.begin());
  }

  Result<Scene> load(const Sample& sample) const {
    Scene scene;
    for (const Port& port : ports_)
      scene.push_back(TRY(load_image(sample.files[port.modality], port)));
    return scene;
  }

 private:
  std::vector<Port> ports_;
};

/// The scenes from `first` on, as one tensor of the type of `port`. A batch that is not full ends
/// with copies of its last scene.
Tensor batch_of(const std::vector<Scene>& scenes, size_t first, size_t place, const Port& port) {
  Tensor batch(port.type);
  auto target = batch.mutable_bytes();
  const size_t size = target.size() / static_cast<size_t>(port.type.shape[0]);
  for (size_t i = 0; i * size < target.size(); ++i) {
    const auto bytes = scenes[std::min(first + i, scenes.size() - 1)][place].bytes();
    std::memcpy(target.data() + i * size, bytes.data(), size);
  }
  return batch;
}

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

/// Runs every model on `scenes`, which are at most a batch of the one with the largest.
class Batches {
 public:
  Batches(const std::vector<LoadedCalls>& models, const Ports& ports, runner::Runner& runner)
      : models_(models), ports_(ports), runner_(runner) {}

  Result<void> run(const std::vector<Scene>& scenes, std::vector<std::vector<Embeddings>>& made) {
    for (size_t model = 0; model < models_.size(); ++model) {
      for (const auto& call : models_[model].calls) {
        const auto batch = static_cast<size_t>(call[0].type.shape[0]);
        for (size_t first = 0; first < scenes.size(); first += batch) {
          const auto outputs = TRY(run_call(models_[model].handle, call, scenes, first));
          for (const Port& port : call) {
            const auto output = outputs.find(port.output);
            if (output == outputs.end()) {
              return fail(ErrorCode::kRunnerFailed, "the runner gave no output '{}'",
                          display(port.output, 80));
            }
            TRY(append_rows(made[model][port.modality], output->second, port,
                            std::min(batch, scenes.size() - first)));
          }
        }
      }
    }
    return {};
  }

 private:
  Result<runner::NamedTensors> run_call(runner::Handle handle, const std::vector<Port>& call,
                                        const std::vector<Scene>& scenes, size_t first) {
    runner::NamedTensors inputs;
    for (const Port& port : call)
      inputs.emplace(port.input, batch_of(scenes, first, ports_.find(port), port));
    const runner::Call staged{handle, TRY(runner_.stage(inputs))};
    auto outputs = runner_.run(staged);
    runner_.unstage(staged.inputs);
    return outputs;
  }

  const std::vector<LoadedCalls>& models_;
  const Ports& ports_;
  runner::Runner& runner_;
};

size_t largest_batch(const std::vector<LoadedCalls>& models) {
  int64_t batch = 1;
  for (const LoadedCalls& model : models) {
    for (const auto& call : model.calls) batch = std::max(batch, call[0].type.shape[0]);
  }
  return static_cast<size_t>(batch);
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
                       const EmbedOptions& options) {
  const Ports ports(models);
  const size_t batch = largest_batch(models);
  ReadAhead<Result<Scene>> scenes(chosen.size(), options.threads, 2 * batch + 2 * options.threads,
                                  [&](size_t i) { return ports.load(data.samples[chosen[i]]); });
  Embedded result;
  result.models.assign(models.size(), std::vector<Embeddings>(data.modalities.size()));
  Batches batches(models, ports, runner);
  for (size_t next = 0; next < chosen.size() && !result.interrupted;) {
    std::vector<Scene> ready;
    std::vector<size_t> samples;
    for (; next < chosen.size() && ready.size() < batch; ++next) {
      Result<Scene> scene = *scenes.next();
      if (!scene && !options.skip_damaged) {
        scene.error().hint = "remove it, or leave such scenes out with --skip-damaged";
        return std::unexpected(scene.error());
      }
      if (!scene) {
        result.damaged.push_back(scene.error());
        continue;
      }
      ready.push_back(*std::move(scene));
      samples.push_back(chosen[next]);
    }
    result.interrupted = options.interrupted();
    if (ready.empty() || result.interrupted) continue;
    const Result<void> run = batches.run(ready, result.models);
    if (!run && run.error().code != ErrorCode::kInterrupted) return std::unexpected(run.error());
    result.interrupted = !run;
    if (run) result.samples.insert(result.samples.end(), samples.begin(), samples.end());
    options.progress(result.samples.size());
  }
  keep_complete(result);
  return result;
}

}  // namespace nitro::eval
