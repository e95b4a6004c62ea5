// Every family compiles for every device that matters, and the kernels of the models keep what they
// compute with in registers.
#include "cuda/compile_programs.h"
#include "cuda/cubin_info.h"
#include "cuda/roof_probes.h"
#include "cuda/sample_steps.h"
#include "cuda/specialise.h"
#include "cuda/testing_nvrtc.h"
#include "passes/testing_swin.h"
#include "plan/lower.h"
#include "plan/prepare.h"
#include "plan/verify_plan.h"

namespace nitro::cuda {
namespace {

struct CompileTarget {
  int compute_capability;
  std::string_view nvrtc;
};

void PrintTo(const CompileTarget& target, std::ostream* out) {
  *out << "sm_" << target.compute_capability;
}

enum class Spills : uint8_t { kNone, kAllowed };

class KernelsCompileTest : public testing::TestWithParam<CompileTarget> {
 protected:
  void SetUp() override { NITRO_REQUIRE_NVRTC(GetParam().nvrtc); }

  /// The programs of a plan's steps, as they are launched on the device.
  void add(plan::Plan plan) {
    const auto valid = plan::verify(plan);
    ASSERT_TRUE(valid) << valid.error().text();
    const plan::Plan special = specialise(std::move(plan), target_);
    for (const plan::Step& step : special.steps) {
      const auto program = program_for(special, step, target_);
      ASSERT_TRUE(program) << program.error().text();
      EXPECT_LE(program->shared_bytes, target_.shared_bytes_per_block) << step.name;
      names_.push_back(step.name + ", " + program->variant);
      programs_.push_back(*program);
    }
  }
  const Target& target() const { return target_; }
  template <class Samples>
  void add_samples(const Samples& samples) {
    for (const auto& sample : samples) add(sample_step(sample).plan);
  }

  void add_roof_probes() {
    for (const RoofProbe& probe : roof_probes(target_, 50 << 20)) {
      const auto valid = plan::verify(probe_plan(probe, probe.steps));
      ASSERT_TRUE(valid) << valid.error().text();
      names_.push_back(probe.program.variant);
      programs_.push_back(probe.program);
    }
  }

  void expect_compiles(Spills spills) {
    // The user's cache: only what has changed takes time again.
    const auto compiled = compile_programs(programs_, *test_nvrtc(GetParam().nvrtc),
                                           GetParam().compute_capability, CubinCache::standard());
    ASSERT_TRUE(compiled) << compiled.error().text();
    for (size_t i = 0; i < programs_.size(); ++i) {
      SCOPED_TRACE(names_[i]);
      const auto kernels = cubin_info(compiled->binaries[compiled->binary_of[i]]);
      ASSERT_TRUE(kernels) << kernels.error().text();
      ASSERT_EQ(kernels->size(), 1);
      const KernelResources& kernel = (*kernels)[0];
      EXPECT_EQ(kernel.name, "step");
      EXPECT_LE(kernel.registers * programs_[i].threads, target_.registers_per_block);
      if (spills == Spills::kNone) {
        EXPECT_EQ(kernel.local_bytes, 0) << "registers are spilled";
      }
    }
  }

 private:
  const Target target_ = target_of(GetParam().compute_capability);
  std::vector<Program> programs_;
  std::vector<std::string> names_;
};

INSTANTIATE_TEST_SUITE_P(Devices, KernelsCompileTest,
                         testing::Values(CompileTarget{53, kNvrtc11}, CompileTarget{87, kNvrtc12},
                                         CompileTarget{90, kNvrtc12}),
                         testing::PrintToStringParamName());

TEST_P(KernelsCompileTest, ProductsOfModels) {
  add_samples(model_gemms(1));
  expect_compiles(Spills::kNone);
}

TEST_P(KernelsCompileTest, AttentionsOfModels) {
  add_samples(model_attentions(1));
  expect_compiles(Spills::kNone);
}

TEST_P(KernelsCompileTest, OddProducts) {
  for (const DType dtype : {DType::kF16, DType::kF32}) add_samples(odd_gemms(dtype));
  expect_compiles(Spills::kAllowed);
}

TEST_P(KernelsCompileTest, ProductsOfIntegers) {
  add_samples(integer_gemms());
  expect_compiles(Spills::kAllowed);
}

TEST_P(KernelsCompileTest, OddAttentions) {
  for (const DType dtype : {DType::kF16, DType::kF32}) add_samples(odd_attentions(dtype));
  expect_compiles(Spills::kAllowed);
}

TEST_P(KernelsCompileTest, Panels) {
  if (target().compute_capability < 90) GTEST_SKIP() << "no device with panels";
  add_samples(panel_gemms(1));
  add_samples(panel_attentions(1));
  add_samples(heads(1));
  expect_compiles(Spills::kNone);
}

TEST_P(KernelsCompileTest, Roofs) {
  add_roof_probes();
  expect_compiles(Spills::kNone);
}

TEST_P(KernelsCompileTest, AllOfASwin) {
  const auto prepared = plan::prepare(passes::TestSwin().build());
  ASSERT_TRUE(prepared) << prepared.error().text();
  for (const plan::Precision precision : {plan::Precision::kF16, plan::Precision::kF32}) {
    auto plan = plan::lower(*prepared, {precision});
    ASSERT_TRUE(plan) << plan.error().text();
    add(std::move(*plan));
  }
  expect_compiles(Spills::kNone);
}

}  // namespace
}  // namespace nitro::cuda
