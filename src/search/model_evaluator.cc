#include "search/model_evaluator.h"

#include <algorithm>

#include "base/file.h"
#include "base/sha256.h"
#include "eval/against_reference.h"
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

Result<ModelEvaluator> ModelEvaluator::start(EvaluatorOptions options) {
  ModelEvaluator evaluator(std::move(options));
  TRY(evaluator.start_runner());
  if (!evaluator.options_.device) {
    const auto reply = TRY(evaluator.runner_->time({evaluator.original_}, quick_rules()));
    evaluator.original_ns_ = median_estimate(reply.variants[0].samples_ns).value;
  }
  const EvaluationData& data = evaluator.options_.data;
  evaluator.options_.phase(fmt::format("embedding {} scenes with the original", data.all.size()));
  const auto calls = TRY(evaluator.options_.calls_of(evaluator.options_.original.model.graph));
  evaluator.reference_ =
      TRY(evaluator.embed({evaluator.original_[0].handle, calls}, 0, data.all.size()));
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
  Candidate candidate{options_.original.model.graph};
  TRY(optimize::apply(recipe, candidate.graph));
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
  if (result) return result;
  runner_.reset();
  loaded_.clear();
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
  for (double* ns : {&estimate.value, &estimate.low, &estimate.high}) *ns *= original_ns_ / beside;
  return estimate;
}

Result<std::vector<Quality>> ModelEvaluator::quality(const Candidate& candidate, Images images) {
  TRY(load(candidate));
  const size_t all = options_.data.all.size();
  TRY(embed_loaded(candidate, images == Images::kAll ? all : std::min(options_.data.few, all)));
  return compared(rows_);
}

Result<void> ModelEvaluator::embed_loaded(const Candidate& candidate, size_t wanted) {
  const size_t done = rows_.empty() ? 0 : rows_[0].rows();
  if (done >= wanted) return {};
  const auto calls = TRY(options_.calls_of(candidate.graph));
  Rows more = TRY(or_without_runner(embed({workload_[0].handle, calls}, done, wanted)));
  if (rows_.empty()) {
    rows_ = std::move(more);
    return {};
  }
  for (size_t i = 0; i < rows_.size(); ++i)
    rows_[i].values.insert(rows_[i].values.end(), more[i].values.begin(), more[i].values.end());
  return {};
}

Result<ModelEvaluator::Rows> ModelEvaluator::embed(const eval::LoadedCalls& model, size_t first,
                                                   size_t last) {
  const EvaluationData& data = options_.data;
  const std::vector<size_t> chosen(data.all.begin() + static_cast<std::ptrdiff_t>(first),
                                   data.all.begin() + static_cast<std::ptrdiff_t>(last));
  eval::SceneOptions embed;
  embed.threads = static_cast<size_t>(std::max(1, measure::read_environment().usable_processors));
  embed.interrupted = options_.setup.interrupted;
  eval::Embedded embedded = TRY(eval::embed(data.set, chosen, {model}, *runner_, embed));
  if (embedded.interrupted)
    return fail(ErrorCode::kInterrupted, "interrupted while images were embedded");
  return std::move(embedded.models[0]);
}

std::vector<Quality> ModelEvaluator::compared(const Rows& rows) const {
  const EvaluationData& data = options_.data;
  std::vector<Quality> result;
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t images = rows[i].rows();
    Quality quality{data.set.modalities[i], static_cast<int64_t>(images)};
    const eval::Embeddings reference = beginning(reference_[i], images);
    eval::Task task = data.task;
    for (size_t k = 0; k < images; ++k) {
      const std::string& name = data.set.classes[data.set.samples[data.all[k]].label];
      const auto place = std::ranges::find(task.classes, name) - task.classes.begin();
      task.labels.push_back(static_cast<size_t>(place));
    }
    const auto ours = eval::metrics_of(rows[i], task).decisions;
    const auto theirs = eval::metrics_of(reference, task).decisions;
    if (ours && theirs) {
      const auto hits = ours->within(1);
      const auto share = measure::wilson_interval(hits, quality.images);
      quality.accuracy =
          Estimate{static_cast<double>(hits) / static_cast<double>(images), share.low, share.high};
      const auto against = eval::compare_decisions(quality.modality, *ours, *theirs, {});
      const measure::AccuracyComparison& paired = *against.comparison;
      quality.drop = Estimate{-paired.difference, -paired.high, -paired.low};
    }
    if (rows[i].dim == reference.dim) {
      const auto mean = eval::fidelity_of(eval::row_cosines(rows[i], reference), 1).mean;
      quality.cosine = Estimate{mean.mean, mean.low, mean.high};
    }
    result.push_back(std::move(quality));
  }
  return result;
}

std::vector<Quality> ModelEvaluator::original_quality() const { return compared(reference_); }

Result<std::vector<std::vector<double>>> ModelEvaluator::side_by_side(
    const std::vector<Candidate>& candidates) {
  std::vector<std::vector<double>> medians;
  if (options_.device) {
    for (const Candidate& candidate : candidates)
      medians.push_back({TRY(latency(candidate)).value});
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

std::string fingerprint(const EvaluationData& data) {
  Sha256 hash;
  for (size_t sample : data.all) {
    const eval::Sample& scene = data.set.samples[sample];
    hash.add(scene.id + "\n" + data.set.classes[scene.label] + "\n");
    for (const auto& file : scene.files) {
      std::error_code error;
      hash.add(fmt::format("{}\n", std::filesystem::file_size(file, error)));
    }
  }
  if (data.task.text) hash.add(std::as_bytes(std::span(data.task.text->rows.values)));
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
