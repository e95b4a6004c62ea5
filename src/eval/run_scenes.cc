#include "eval/run_scenes.h"

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

/// Runs every model on `scenes`, which are at most a batch of the one with the largest.
class Batches {
 public:
  Batches(const std::vector<LoadedCalls>& models, const Ports& ports, runner::Runner& runner)
      : models_(models), ports_(ports), runner_(runner) {}

  Result<void> run(const std::vector<Scene>& scenes, const TakeOutputs& take) {
    for (size_t model = 0; model < models_.size(); ++model) {
      for (const auto& call : models_[model].calls) {
        const auto batch = static_cast<size_t>(call[0].type.shape[0]);
        for (size_t first = 0; first < scenes.size(); first += batch) {
          const auto outputs = TRY(run_call(models_[model].handle, call, scenes, first));
          TRY(take(model, call, std::min(batch, scenes.size() - first), outputs));
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

}  // namespace

Result<SceneRun> run_scenes(const DataSet& data, const std::vector<size_t>& chosen,
                            const std::vector<LoadedCalls>& models, runner::Runner& runner,
                            const SceneOptions& options, const TakeOutputs& take) {
  const Ports ports(models);
  const size_t batch = largest_batch(models);
  ReadAhead<Result<Scene>> scenes(chosen.size(), options.threads, 2 * batch + 2 * options.threads,
                                  [&](size_t i) { return ports.load(data.samples[chosen[i]]); });
  SceneRun result;
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
    const Result<void> run = batches.run(ready, take);
    if (!run && run.error().code != ErrorCode::kInterrupted) return std::unexpected(run.error());
    result.interrupted = !run;
    if (run) result.samples.insert(result.samples.end(), samples.begin(), samples.end());
    options.progress(result.samples.size());
  }
  return result;
}

}  // namespace nitro::eval
