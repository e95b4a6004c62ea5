#include "optimize/embed_models.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "measure/environment.h"

namespace nitro::optimize {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kBetweenPhases{2};

/// Says how far it is, now and then.
class Pace {
 public:
  Pace(const std::function<void(const std::string&)>& phase, size_t scenes, size_t images_a_scene)
      : phase_(phase), scenes_(scenes), images_a_scene_(images_a_scene) {}

  void operator()(size_t done) {
    done_ = done;
    if (Clock::now() - shown_ < kBetweenPhases) return;
    shown_ = Clock::now();
    phase_(fmt::format("{} of {} scenes, {:.1f} images/s", done, scenes_, rate()));
  }
  double rate() const {
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    return static_cast<double>(done_ * images_a_scene_) / std::max(1e-9, seconds);
  }

 private:
  const std::function<void(const std::string&)>& phase_;
  size_t scenes_;
  size_t images_a_scene_;
  size_t done_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_ = start_;
};

Result<eval::LoadedCalls> load(runner::Runner& runner, const ModelToEmbed& model,
                               const RunSetup& setup) {
  runner::LoadOptions options = setup.load;
  options.shapes.clear();
  for (const auto& call : model.calls) {
    for (const eval::Port& port : call) options.shapes[port.input] = port.type.shape;
  }
  const runner::LoadedModel loaded =
      TRY(in_context(runner.load(model.file, options), display(model.source)));
  return eval::LoadedCalls{loaded.handle, model.calls};
}

}  // namespace

Result<EmbeddedModels> embed_models(const std::vector<ModelToEmbed>& models,
                                    const eval::TestSet& set, const RunSetup& setup,
                                    const std::function<void(const std::string&)>& phase) {
  const auto chosen = eval::choose_samples(set.data, set.limit, set.seed);
  phase(models.size() == 1 ? "loading the model" : "loading the models");
  runner::Runner runner = TRY(start_interruptible_runner(setup));
  std::vector<eval::LoadedCalls> loaded;
  for (const ModelToEmbed& model : models) loaded.push_back(TRY(load(runner, model, setup)));
  Pace pace(phase, chosen.size(), set.data.modalities.size() * models.size());
  eval::SceneOptions embed;
  embed.skip_damaged = set.skip_damaged;
  embed.threads = static_cast<size_t>(std::max(1, measure::read_environment().usable_processors));
  embed.interrupted = setup.interrupted;
  embed.progress = [&pace](size_t done) { pace(done); };
  phase(fmt::format("embedding {} scenes", chosen.size()));
  EmbeddedModels result{runner.info(), TRY(eval::embed(set.data, chosen, loaded, runner, embed)),
                        0};
  result.images_per_s = pace.rate();
  const eval::Embedded& embedded = result.embedded;
  if (!embedded.interrupted) TRY(runner.bye());
  if (!embedded.samples.empty()) return result;
  if (!embedded.interrupted) return std::unexpected(embedded.damaged[0]);
  return fail(ErrorCode::kInterrupted, "interrupted before the first scene was embedded");
}

}  // namespace nitro::optimize
