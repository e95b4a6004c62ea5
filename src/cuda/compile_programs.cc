#include "cuda/compile_programs.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <optional>
#include <thread>

namespace nitro::cuda {
namespace {

/// Calls body(i) for each i < count, on as many threads.
void for_each_index(size_t count, int threads, const std::function<void(size_t)>& body) {
  const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
  const size_t wanted = threads > 0 ? static_cast<size_t>(threads) : processors;
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < count; i = next++) body(i);
  };
  std::vector<std::jthread> team;
  for (size_t i = 1; i < std::min(wanted, count); ++i) team.emplace_back(work);
  work();
}

struct Job {
  const Program* program = nullptr;
  std::optional<Result<std::string>> binary;
  bool from_cache = false;
};

void work_on(Job& job, const Nvrtc& nvrtc, const std::string& architecture,
             const CubinCache& cache) {
  const CubinKey key = {job.program->source, compile_options(), architecture, nvrtc.version()};
  if (std::optional<std::string> known = cache.find(key)) {
    job.binary = std::move(*known);
    job.from_cache = true;
    return;
  }
  job.binary = in_context(nvrtc.compile(job.program->source, architecture, compile_options()),
                          job.program->variant);
  if (*job.binary) cache.store(key, **job.binary);
}

}  // namespace

std::span<const std::string> compile_options() {
  static const std::vector<std::string> options = {"--std=c++14"};
  return options;
}

Result<CompiledPrograms> compile_programs(std::span<const Program> programs, const Nvrtc& nvrtc,
                                          int compute_capability, const CubinCache& cache,
                                          int threads) {
  const std::string architecture = TRY(nvrtc.architecture(compute_capability));
  CompiledPrograms compiled;
  std::vector<Job> jobs;
  std::map<std::string_view, size_t> job_of;
  for (const Program& program : programs) {
    const auto [found, added] = job_of.emplace(program.source, jobs.size());
    if (added) jobs.push_back({&program, std::nullopt});
    compiled.binary_of.push_back(found->second);
  }
  for_each_index(jobs.size(), threads,
                 [&](size_t i) { work_on(jobs[i], nvrtc, architecture, cache); });
  for (Job& job : jobs) {
    compiled.binaries.push_back(TRY(std::move(*job.binary)));
    compiled.from_cache += job.from_cache ? 1 : 0;
  }
  return compiled;
}

}  // namespace nitro::cuda
