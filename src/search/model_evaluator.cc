#include "search/model_evaluator.h"

#include <algorithm>

#include "base/file.h"
#include "base/sha256.h"
#include "eval/embed.h"
#include "measure/environment.h"
#include "measure/median.h"
#include "measure/wilson.h"
#include "onnx/export_model.h"
#include "optimize/predicted_frame.h"
#include "optimize/result_document.h"
#include "predict/live_bytes.h"

namespace nitro::search {
namespace {

/// Enough to tell a few percent.
runner::TimeRules quick_rules() {
  runner::TimeRules rules;
  rules.warmup_ns = 100'000'000;
  rules.max_warmup_ns = 2'000'000'000;
  rules.min_samples = 9;
  rules.max_samples = 200;
  rules.min_ns = 500'000'000;
  rules.max_ns = 4'000'000'000;
  rules.half_width = 0.01;
  return rules;
}

Estimate median_estimate(const std::vector<int64_t>& samples) {
  const std::vector<double> values(samples.begin(), samples.end());
  const auto interval = measure::median_interval(values);
  if (interval) return {interval->median, interval->low, interval->high};
  return {measure::median(values), std::ranges::min(values), std::ranges::max(values)};
}

/// The first `rows` rows.
eval::Embeddings beginning(const eval::Embeddings& all, size_t rows) {
  const auto end = all.values.begin() + static_cast<std::ptrdiff_t>(rows * all.dim);
  return {all.dim, {all.values.begin(), end}};
}

}  // namespace

ModelEvaluator::ModelEvaluator(EvaluatorOptions options)
    : options_(std::move(options)),
      calibrator_(options_.images, options_.calibration_scenes, options_.setup, options_.folder),
      chosen_(eval::choose_samples(options_.images.data, options_.images.limit,
                                   options_.images.seed)) {}

Result<ModelEvaluator> ModelEvaluator::start(EvaluatorOptions options) {
  ModelEvaluator evaluator(std::move(options));
  TRY(evaluator.start_runner());
  if (!evaluator.options_.device) {
    const auto reply = TRY(evaluator.runner_->time({evaluator.original_}, quick_rules()));
    evaluator.original_ns_ = median_estimate(reply.variants[0].samples_ns).value;
  }
  const size_t all = evaluator.chosen_.size();
  evaluator.options_.phase(fmt::format("embedding {} scenes with the original", all));
  const auto calls = TRY(eval::model_calls(evaluator.options_.original.model.graph,
                                           evaluator.options_.images.ports()));
  eval::Embedded embedded = TRY(evaluator.embed({evaluator.original_[0].handle, calls}, 0, all));
  if (embedded.samples.empty()) return std::unexpected(embedded.damaged.at(0));
  evaluator.chosen_ = std::move(embedded.samples);
  evaluator.reference_ = std::move(embedded.models[0]);
  return evaluator;
}

Result<void> ModelEvaluator::start_runner() {
  runner_.emplace(TRY(optimize::start_interruptible_runner(options_.setup)));
  info_ = runner_->info();
  original_ = TRY(optimize::load_frame(
      *runner_, frame(options_.original.model.graph, options_.original.file), options_.setup));
  loaded_.clear();
  return {};
}

optimize::Frame ModelEvaluator::frame(const Graph& graph, const std::filesystem::path& file) const {
  const optimize::Workload& workload = options_.workload;
  return {file.stem().native(), file,
          workload.inputs(options_.original.model.graph, graph, workload.measured_kind())};
}

Result<Candidate> ModelEvaluator::make(const optimize::Recipe& recipe) {
  Candidate candidate{{}, options_.original.model.graph};
  candidate.recipe = TRY(calibrator_.apply(recipe, candidate.graph));
  candidate.folder =
      std::make_shared<const ScratchFolder>(TRY(ScratchFolder::create("nitro-candidate")));
  candidate.file = candidate.folder->path() / "candidate.onnx";
  TRY(onnx::write_model(candidate.graph, candidate.file));
  candidate.sha256 = to_hex(sha256(TRY(read_file(candidate.file, uint64_t{1} << 32))));
  candidate.memory_bytes = search::memory_bytes(candidate.graph);
  return candidate;
}

template <class T>
Result<T> ModelEvaluator::or_without_runner(Result<T> result) {
  const bool ended = !result && (result.error().code == ErrorCode::kRunnerFailed ||
                                 result.error().code == ErrorCode::kInterrupted);
  if (ended) runner_.reset();
  if (ended) loaded_.clear();
  return result;
}

Result<void> ModelEvaluator::load(const Candidate& candidate) {
  if (runner_ && loaded_ == candidate.sha256) return {};
  if (!runner_) TRY(start_runner());
  TRY(unload());
  workload_ = TRY(or_without_runner(
      optimize::load_frame(*runner_, frame(candidate.graph, candidate.file), options_.setup)));
  loaded_ = candidate.sha256;
  rows_.clear();
  return {};
}

Result<void> ModelEvaluator::unload() {
  if (loaded_.empty()) return {};
  loaded_.clear();
  for (const runner::Call& call : workload_) runner::Runner::unstage(call.inputs);
  return or_without_runner(runner_->unload(workload_[0].handle));
}

Result<Estimate> ModelEvaluator::latency(const Candidate& candidate) {
  if (options_.device) {
    const auto predicted =
        TRY(optimize::predicted_frame(candidate.graph, options_.workload, *options_.device));
    // Its interval is of what all candidates have in common.
    return Estimate{predicted.total_ns, predicted.total_ns, predicted.total_ns};
  }
  TRY(load(candidate));
  return time_loaded();
}

Result<Estimate> ModelEvaluator::time_loaded() {
  const auto reply = TRY(or_without_runner(runner_->time({original_, workload_}, quick_rules())));
  const double beside = median_estimate(reply.variants[0].samples_ns).value;
  Estimate estimate = median_estimate(reply.variants[1].samples_ns);
  const double factor = options_.original_ns.value_or(*original_ns_) / beside;
  for (double* ns : {&estimate.value, &estimate.low, &estimate.high}) *ns *= factor;
  return estimate;
}

Result<std::vector<Quality>> ModelEvaluator::quality(const Candidate& candidate, Images images) {
  TRY(load(candidate));
  const size_t all = chosen_.size();
  TRY(embed_loaded(candidate, images == Images::kAll ? all : std::min(options_.few, all)));
  return compared(rows_);
}

Result<void> ModelEvaluator::embed_loaded(const Candidate& candidate, size_t wanted) {
  const size_t done = rows_.empty() ? 0 : rows_[0].rows();
  if (done >= wanted) return {};
  const auto calls = TRY(eval::model_calls(candidate.graph, options_.images.ports()));
  Rows more = std::move(
      TRY(or_without_runner(embed({workload_[0].handle, calls}, done, wanted))).models[0]);
  if (rows_.empty()) {
    rows_ = std::move(more);
    return {};
  }
  for (size_t i = 0; i < rows_.size(); ++i)
    rows_[i].values.insert(rows_[i].values.end(), more[i].values.begin(), more[i].values.end());
  return {};
}

Result<eval::Embedded> ModelEvaluator::embed(const eval::LoadedCalls& model, size_t first,
                                             size_t last) {
  const std::vector<size_t> chosen(chosen_.begin() + static_cast<std::ptrdiff_t>(first),
                                   chosen_.begin() + static_cast<std::ptrdiff_t>(last));
  eval::SceneOptions embed;
  embed.threads = static_cast<size_t>(std::max(1, measure::read_environment().usable_processors));
  embed.interrupted = options_.setup.interrupted;
  embed.skip_damaged = options_.images.skip_damaged;
  eval::Embedded embedded =
      TRY(eval::embed(options_.images.data, chosen, {model}, *runner_, embed));
  if (embedded.interrupted)
    return fail(ErrorCode::kInterrupted, "interrupted while images were embedded");
  return embedded;
}

Result<std::vector<Quality>> ModelEvaluator::compared(const Rows& rows) const {
  const size_t images = rows[0].rows();
  eval::Embedded embedded;
  embedded.samples.assign(chosen_.begin(), chosen_.begin() + static_cast<std::ptrdiff_t>(images));
  embedded.models = {rows, {}};
  for (const eval::Embeddings& reference : reference_)
    embedded.models[1].push_back(beginning(reference, images));
  const eval::Task task = eval::labelled(options_.images, embedded);
  const auto metrics = TRY(eval::metrics_of_model(embedded, 0, task));
  const auto against = eval::compare_models(options_.images, embedded, 0, 1, task);
  std::vector<Quality> result;
  for (size_t i = 0; i < rows.size(); ++i) {
    Quality quality{options_.images.data.modalities[i], static_cast<int64_t>(images)};
    if (metrics[i].decisions) {
      const int64_t hits = metrics[i].decisions->within(1);
      const auto share = measure::wilson_interval(hits, quality.images);
      quality.accuracy =
          Estimate{static_cast<double>(hits) / static_cast<double>(images), share.low, share.high};
    }
    if (const auto& paired = against[i].comparison)
      quality.drop = Estimate{-paired->difference, -paired->high, -paired->low};
    if (const auto& fidelity = against[i].fidelity)
      quality.cosine = Estimate{fidelity->mean.mean, fidelity->mean.low, fidelity->mean.high};
    result.push_back(std::move(quality));
  }
  return result;
}

Result<std::vector<Quality>> ModelEvaluator::original_quality() const {
  return compared(reference_);
}

Result<std::vector<std::vector<double>>> ModelEvaluator::side_by_side(
    const std::vector<Candidate>& candidates) {
  std::vector<std::vector<double>> medians;
  if (options_.device) {
    for (const Candidate& candidate : candidates)
      medians.emplace_back(1, TRY(latency(candidate)).value);
    return medians;
  }
  std::vector<optimize::Frame> frames;
  for (const Candidate& candidate : candidates)
    frames.push_back(frame(candidate.graph, candidate.file));
  runner::TimeRules rules = quick_rules();
  rules.max_ns = 8'000'000'000;
  // What is timed must have the machine for itself; the next candidate gets another runner.
  runner_.reset();
  const auto samples =
      TRY(optimize::measure_frames(frames, options_.setup, {options_.repetitions, rules}));
  if (options_.setup.interrupted() || samples[0].repetitions.empty())
    return fail(ErrorCode::kInterrupted, "interrupted while models were measured side by side");
  for (const optimize::FrameSamples& each : samples)
    medians.push_back(optimize::repetition_medians(each));
  return medians;
}

std::string fingerprint(const eval::TestSet& images) {
  Sha256 hash;
  for (size_t sample : eval::choose_samples(images.data, images.limit, images.seed)) {
    const eval::Sample& scene = images.data.samples[sample];
    hash.add(scene.id + "\n" + images.data.classes[scene.label] + "\n");
    for (const auto& file : scene.files) {
      std::error_code error;
      hash.add(fmt::format("{}\n", std::filesystem::file_size(file, error)));
    }
  }
  if (images.task.text) hash.add(std::as_bytes(std::span(images.task.text->rows.values)));
  return to_hex(hash.finish());
}

double memory_bytes(const Graph& graph) {
  const std::vector<uint32_t> uses = use_counts(graph);
  double bytes = 4 * predict::most_live_elements(graph);
  for (ValueId id = 0; id < uses.size(); ++id) {
    const Tensor* constant = uses[id] > 0 ? graph.constant(id) : nullptr;
    if (constant) bytes += static_cast<double>(constant->bytes().size());
  }
  return bytes;
}

}  // namespace nitro::search
