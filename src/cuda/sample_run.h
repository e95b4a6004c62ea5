#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "cuda/sample_steps.h"
#include "cuda/testing.h"

namespace nitro::cuda {

/// The result of a sample after one run of program `i`, which begins with every byte of it 0xFF.
/// `more_arguments` follow those of the step.
inline Result<Tensor> run_sample(const SampleStep& sample, const EmulatedPrograms& programs,
                                 size_t i, const std::vector<void*>& more_arguments = {}) {
  std::vector<GuardedMemory> memory;
  std::vector<void*> arguments;
  for (plan::BufferId id : plan::reads(sample.step().kernel)) {
    const auto bytes = sample.plan.buffers[id].constant->bytes();
    memory.emplace_back(static_cast<int64_t>(bytes.size()));
    std::memcpy(memory.back().data(), bytes.data(), bytes.size());
    arguments.push_back(memory.back().data());
  }
  Tensor result(sample.plan.buffers[sample.result()].type);
  memory.emplace_back(result.type().bytes());
  void* written = memory.back().data();
  arguments.push_back(written);
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  TRY(programs.run(i, arguments));
  std::memcpy(result.mutable_bytes().data(), written, result.mutable_bytes().size());
  return result;
}

/// Runs the samples' programs for `target` on the processor, all compiled at once, and compares.
template <class Kernel>
void expect_samples(const std::vector<SampleStep>& samples, const Target& target, Sums sums) {
  std::vector<Program> programs;
  for (const SampleStep& sample : samples) {
    auto program = simt_program(sample.plan, std::get<Kernel>(sample.step().kernel), target);
    ASSERT_TRUE(program) << sample.name << ": " << program.error().text();
    programs.push_back(std::move(*program));
  }
  const auto compiled = EmulatedPrograms::compile(programs);
  ASSERT_TRUE(compiled) << compiled.error().text();
  for (size_t i = 0; i < samples.size(); ++i) {
    SCOPED_TRACE(samples[i].name + ", " + programs[i].variant);
    const auto result = run_sample(samples[i], *compiled, i);
    ASSERT_TRUE(result) << result.error().text();
    const auto wrong = mismatch(expected(samples[i], sums), *result);
    EXPECT_FALSE(wrong) << *wrong;
  }
}

}  // namespace nitro::cuda
