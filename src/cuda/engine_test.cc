#include "cuda/engine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "cuda/engine_case.h"
#include "cuda/fake_driver.h"
#include "cuda/testing_nvrtc.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kElements = 5;

float* floats(CUdeviceptr memory) { return reinterpret_cast<float*>(memory); }

/// The engine on a driver without a device: y = 2 (2 x + c) + c by two steps of one source, then
/// z = x - y.
class EngineTest : public testing::Test {
 protected:
  EngineTest()
      : fake_({{3,
                [](std::span<const CUdeviceptr> p) {
                  for (int64_t i = 0; i < kElements; ++i) {
                    floats(p[2])[i] = 2 * floats(p[0])[i] + floats(p[1])[i];
                  }
                }},
               {3,
                [](std::span<const CUdeviceptr> p) {
                  for (int64_t i = 0; i < kElements; ++i) {
                    floats(p[2])[i] = floats(p[0])[i] - floats(p[1])[i];
                  }
                }}}),
        api_(fake_.api()) {}

  void SetUp() override { NITRO_REQUIRE_NVRTC(kNvrtc12); }

  static plan::Plan sample_plan() {
    EngineCase sample(kElements);
    const auto x = sample.input();
    const auto c = sample.constant({1, 2, 3, 4, 5});
    const auto a = sample.arena();
    const auto y = sample.output();
    const auto z = sample.output();
    const std::string twice = "store(p2, i, 2.0f * load(p0, i) + load(p1, i));";
    sample.step(twice, {x, c}, a);
    sample.step(twice, {a, c}, y);
    sample.step("store(p2, i, load(p0, i) - load(p1, i));", {x, y}, z);
    return sample.plan;
  }
  EngineOptions options() const {
    EngineOptions options;
    options.driver = &api_;
    options.nvrtc = *test_nvrtc(kNvrtc12);
    options.cache = {};
    return options;
  }
  static Tensor x() { return Tensor::of<double>(DType::kF32, {kElements}, {1, 1, 2, 3, 5}); }
  static void expect_results(const std::vector<Tensor>& outputs) {
    ASSERT_EQ(outputs.size(), 2);
    EXPECT_EQ(outputs[0].as<double>(), (std::vector<double>{7, 10, 17, 24, 35}));
    EXPECT_EQ(outputs[1].as<double>(), (std::vector<double>{-6, -9, -15, -21, -30}));
  }
  void load(const EngineOptions& options) {
    auto loaded = Engine::load(sample_plan(), options);
    ASSERT_TRUE(loaded) << loaded.error().text();
    engine_.emplace(std::move(*loaded));
  }

  FakeDriver fake_;
  DriverApi api_;
  std::optional<Engine> engine_;
};

TEST_F(EngineTest, RunsByOneGraphAndAllocatesNothing) {
  load(options());
  const int allocations = fake_.allocations;
  for (int round = 1; round <= 3; ++round) {
    const std::vector<Tensor> inputs = {x()};
    const auto outputs = engine_->run_on(inputs);
    ASSERT_TRUE(outputs) << outputs.error().text();
    expect_results(*outputs);
    EXPECT_EQ(fake_.graph_launches, round);
  }
  EXPECT_EQ(fake_.allocations, allocations);
  EXPECT_EQ(fake_.launches.size(), 9);
}

TEST_F(EngineTest, CompilesEachSourceOnce) {
  load(options());
  EXPECT_EQ(engine_->load_record().binaries, 2);
  ASSERT_EQ(engine_->kernels().size(), 3);
  EXPECT_EQ(engine_->kernels()[0].function, engine_->kernels()[1].function);
  EXPECT_NE(engine_->kernels()[0].function, engine_->kernels()[2].function);
}

TEST_F(EngineTest, TakesBinariesFromTheCache) {
  const auto scratch = ScratchFolder::create("nitro-engine");
  EngineOptions with_cache = options();
  with_cache.cache = CubinCache(scratch->path());
  load(with_cache);
  EXPECT_EQ(engine_->load_record().binaries_from_cache, 0);
  engine_.reset();
  load(with_cache);
  EXPECT_EQ(engine_->load_record().binaries_from_cache, 2);
}

TEST_F(EngineTest, GivesEverythingBack) {
  load(options());
  ASSERT_TRUE(engine_->step_times());
  Engine moved = std::move(*engine_);
  engine_.reset();
  EXPECT_GT(fake_.live, 0);
  { const Engine last = std::move(moved); }
  EXPECT_EQ(fake_.live, 0);
}

TEST_F(EngineTest, LaunchesOverlapWhereTheDeviceCan) {
  load(options());
  ASSERT_TRUE(engine_->run());
  ASSERT_TRUE(engine_->run_steps());
  ASSERT_TRUE(engine_->synchronize());
  for (size_t i = 0; i < fake_.launches.size(); ++i) {
    EXPECT_EQ(fake_.launches[i].overlap, i == 1 || i == 2) << i;
  }
}

TEST_F(EngineTest, LaunchesDoNotOverlapElsewhere) {
  for (int variant = 0; variant < 3; ++variant) {
    EngineOptions changed = options();
    changed.programmatic_launch = variant != 0;
    fake_.compute_capability = variant == 1 ? 87 : 90;
    fake_.driver_version = variant == 2 ? 12020 : 12080;
    engine_.reset();
    load(changed);
    EXPECT_FALSE(engine_->programmatic_launch());
    ASSERT_TRUE(engine_->run());
    ASSERT_TRUE(engine_->synchronize());
    EXPECT_FALSE(fake_.launches.back().overlap) << variant;
  }
}

TEST_F(EngineTest, StepsGiveWhatTheGraphGives) {
  load(options());
  ASSERT_TRUE(engine_->set_input(0, x()));
  ASSERT_TRUE(engine_->run_steps());
  expect_results({*engine_->output(0), *engine_->output(1)});
  EXPECT_EQ(fake_.graph_launches, 0);
}

TEST_F(EngineTest, AStepTwiceChangesTheTimeAndNothingElse) {
  load(options());
  ASSERT_TRUE(engine_->set_input(0, x()));
  for (size_t i = 0; i < 3; ++i) {
    std::vector<size_t> steps{0, 1, 2};
    steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(i), i);
    const auto twice = engine_->record(steps);
    ASSERT_TRUE(twice);
    const Recording* const order[] = {&engine_->recording(), &*twice, &engine_->recording()};
    fake_.launches.clear();
    const auto times = engine_->times(order);
    ASSERT_TRUE(times) << times.error().text();
    EXPECT_EQ(*times, (std::vector<double>{3e6, 4e6, 3e6}));
    EXPECT_EQ(fake_.launches[3 + i].arguments, fake_.launches[3 + i + 1].arguments);
    expect_results({*engine_->output(0), *engine_->output(1)});
  }
}

TEST_F(EngineTest, TheFirstStepsAreRecordedAlone) {
  load(options());
  const auto none = engine_->record({});
  const size_t steps[] = {0, 1};
  const auto two = engine_->record(steps);
  ASSERT_TRUE(none && two);
  const Recording* const order[] = {&*none, &*two};
  fake_.launches.clear();
  EXPECT_EQ(*engine_->times(order), (std::vector<double>{0, 2e6}));
  EXPECT_EQ(fake_.launches.size(), 2U);
}

TEST_F(EngineTest, TimesEachStep) {
  load(options());
  EXPECT_EQ(*engine_->step_times(), (std::vector<double>{1e6, 1e6, 1e6}));
}

TEST_F(EngineTest, PoisonShowsWhatIsNotWritten) {
  EngineOptions poisoned = options();
  poisoned.poison = true;
  load(poisoned);
  ASSERT_TRUE(engine_->set_input(0, x()));
  fake_.kernels[1].run = [](std::span<const CUdeviceptr> p) { floats(p[2])[0] = 1; };
  ASSERT_TRUE(engine_->run());
  const auto z = engine_->output(1)->as<double>();
  EXPECT_EQ(z[0], 1);
  for (size_t i = 1; i < z.size(); ++i) EXPECT_TRUE(std::isnan(z[i]));
}

TEST_F(EngineTest, RunsInMemoryOfOthers) {
  load(options());
  alignas(256) float memory[2][64] = {{1, 1, 2, 3, 5}, {}};
  const auto address = [&](int i) { return reinterpret_cast<CUdeviceptr>(memory[i]); };
  const CUdeviceptr inputs[] = {address(0)};
  const CUdeviceptr outputs[] = {address(1), 0};
  ASSERT_TRUE(engine_->bind(inputs, outputs));
  EXPECT_EQ(engine_->input_memory(0), address(0));
  ASSERT_TRUE(engine_->run());
  expect_results({*engine_->output(0), *engine_->output(1)});
  EXPECT_EQ(memory[1][4], 35);

  const CUdeviceptr unaligned[] = {address(0) + 16};
  EXPECT_EQ(engine_->bind(unaligned, outputs).error().code, ErrorCode::kUsage);
  EXPECT_EQ(engine_->bind(inputs, inputs).error().code, ErrorCode::kUsage);
  EXPECT_EQ(engine_->input_memory(0), address(0));
}

TEST_F(EngineTest, AllowsLargeSharedMemoryAndClusters) {
  EngineOptions changed = options();
  changed.program_for = [](const plan::Plan& plan, const plan::Step& step, const Target& target) {
    Result<Program> program = program_for(plan, step, target);
    program->grid[0] = 8;
    program->cluster = 4;
    program->shared_bytes = 96 << 10;
    return program;
  };
  load(changed);
  EXPECT_EQ(fake_.most_shared_bytes, 96 << 10);
  ASSERT_TRUE(engine_->run());
  ASSERT_TRUE(engine_->synchronize());
  EXPECT_EQ(fake_.launches[0].cluster, 4);
  EXPECT_EQ(fake_.launches[0].shared_bytes, 96 << 10);
  EXPECT_FALSE(fake_.launches[0].overlap);
  EXPECT_EQ(fake_.launches[1].cluster, 4);
  EXPECT_TRUE(fake_.launches[1].overlap);
}

TEST_F(EngineTest, RefusesSizesThatTheDeviceLacks) {
  for (int variant = 0; variant < 4; ++variant) {
    EngineOptions changed = options();
    changed.program_for = [variant](const plan::Plan& plan, const plan::Step& step,
                                    const Target& target) {
      Result<Program> program = program_for(plan, step, target);
      if (variant == 0) program->shared_bytes = 1 << 20;
      if (variant == 1) program->grid[1] = 70000;
      if (variant == 2) program->threads = 2048;
      if (variant == 3) program->cluster = 2;  // of a grid of one block
      return program;
    };
    const auto loaded = Engine::load(sample_plan(), changed);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::kInternal);
  }
  EXPECT_EQ(fake_.live, 0);
}

TEST_F(EngineTest, NamesWhatIsWrong) {
  load(options());
  EXPECT_EQ(engine_->set_input(0, Tensor({DType::kF32, {3}})).error().code,
            ErrorCode::kShapeMismatch);
  EXPECT_EQ(engine_->run_on({}).error().code, ErrorCode::kUsage);
  fake_.synchronize_result = kCudaIllegalAddress;
  ASSERT_TRUE(engine_->run());
  const auto waited = engine_->synchronize();
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().code, ErrorCode::kRunnerFailed);
  EXPECT_FALSE(waited.error().hint.empty());
}

TEST_F(EngineTest, FailedLoadsGiveEverythingBack) {
  fake_.free_memory = 100;
  const auto poor = Engine::load(sample_plan(), options());
  ASSERT_FALSE(poor);
  EXPECT_EQ(poor.error().code, ErrorCode::kOutOfMemory);
  EXPECT_TRUE(poor.error().message.contains("Fake")) << poor.error().message;
  EXPECT_EQ(fake_.live, 0);

  fake_.free_memory = size_t{1} << 30;
  fake_.launch_result = kCudaNoBinaryForGpu;
  const auto wrong = Engine::load(sample_plan(), options());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kEnvironment);
  EXPECT_TRUE(wrong.error().text().contains("step 0")) << wrong.error().text();
  EXPECT_EQ(fake_.live, 0);

  plan::Plan broken = sample_plan();
  broken.buffers[2].place = int64_t{1} << 40;
  EXPECT_FALSE(Engine::load(broken, options()));
}

}  // namespace
}  // namespace nitro::cuda
