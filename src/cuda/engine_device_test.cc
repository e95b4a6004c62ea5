// The engine on a real device; skipped where there is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "base/file.h"
#include "base/random.h"
#include "cuda/device_memory.h"
#include "cuda/engine.h"
#include "cuda/engine_case.h"
#include "cuda/find_nvrtc.h"

namespace nitro::cuda {
namespace {

constexpr uint64_t kSeed = 4;
constexpr size_t kSteps = 40;

std::vector<double> random_values(int64_t elements) {
  Random random(kSeed);
  std::vector<double> values(static_cast<size_t>(elements));
  for (double& value : values) value = random.normal();
  return values;
}

/// A long chain through three places of the arena, in which each step reads what lies far away, so
/// that a launch that starts too early reads or overwrites something wrong. Every fourth step
/// repeats the source of an earlier one.
plan::Plan chain(int64_t elements, const std::vector<double>& c) {
  EngineCase chained(elements);
  const auto x = chained.input();
  const auto constant = chained.constant(c);
  const plan::BufferId places[] = {chained.arena(), chained.arena(), chained.arena()};
  plan::BufferId before = x;
  for (size_t i = 0; i < kSteps; ++i) {
    const auto to = i + 1 == kSteps ? chained.output() : places[i % 3];
    chained.step(fmt::format("store(p2, i, 0.5f * load(p0, {} - i) + {}.25f * load(p1, i));",
                             elements - 1, i % 4),
                 {before, constant}, to);
    before = to;
  }
  return chained.plan;
}

/// The steps of chain(), one of them once more right after itself.
std::vector<size_t> with_step_twice(size_t step) {
  std::vector<size_t> steps;
  for (size_t i = 0; i < kSteps; ++i) {
    steps.push_back(i);
    if (i == step) steps.push_back(i);
  }
  return steps;
}

std::vector<double> expected_of_chain(std::vector<double> x, const std::vector<double>& c) {
  for (size_t step = 0; step < kSteps; ++step) {
    std::ranges::reverse(x);
    const double weight = static_cast<double>(step % 4) + 0.25;
    for (size_t i = 0; i < x.size(); ++i) x[i] = 0.5 * x[i] + weight * c[i];
  }
  return x;
}

Engine loaded(const plan::Plan& plan, const EngineOptions& options) {
  auto engine = Engine::load(plan, options);
  if (!engine) throw std::runtime_error(engine.error().text() + "; " + engine.error().hint);
  return std::move(*engine);
}

class EngineDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!driver()) GTEST_SKIP() << driver().error().text();
    options_.cache = CubinCache(scratch_->path());
    options_.poison = true;
  }
  Result<ScratchFolder> scratch_ = ScratchFolder::create("nitro-engine");
  EngineOptions options_;
};

/// Sizes of less than a block, odd ones, and more blocks than run at the same time.
class EngineDeviceSizeTest : public EngineDeviceTest, public testing::WithParamInterface<int64_t> {
 protected:
  const std::vector<double> c_ = random_values(GetParam());
  const Tensor x_ = Tensor::of(DType::kF32, {GetParam()}, random_values(GetParam()));
  const std::vector<Tensor> inputs_ = {x_};
};
INSTANTIATE_TEST_SUITE_P(Sizes, EngineDeviceSizeTest,
                         testing::Values(1, 63, 4097, 100'003, 3'000'017));

TEST_P(EngineDeviceSizeTest, GivesTheRightValues) {
  Engine engine = loaded(chain(GetParam(), c_), options_);
  const auto outputs = engine.run_on(inputs_);
  ASSERT_TRUE(outputs) << outputs.error().text();
  const auto result = (*outputs)[0].as<double>();
  const auto expected = expected_of_chain(x_.as<double>(), c_);
  for (size_t i = 0; i < result.size(); ++i) ASSERT_NEAR(result[i], expected[i], 1e-4) << i;
}

TEST_P(EngineDeviceSizeTest, HundredRunsAreBitwiseEqual) {
  Engine engine = loaded(chain(GetParam(), c_), options_);
  const Tensor first = (*engine.run_on(inputs_))[0];
  for (int i = 1; i < 100; ++i) {
    ASSERT_TRUE(engine.run());
    const auto again = engine.output(0);
    ASSERT_TRUE(again) << again.error().text();
    ASSERT_TRUE(*again == first) << i;
  }
}

TEST_P(EngineDeviceSizeTest, RunsWithoutWaitingInBetweenAreTheSame) {
  options_.poison = false;
  Engine engine = loaded(chain(GetParam(), c_), options_);
  const Tensor first = (*engine.run_on(inputs_))[0];
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(engine.run());
  EXPECT_TRUE(*engine.output(0) == first);
}

TEST_P(EngineDeviceSizeTest, EveryWayToLaunchGivesTheSame) {
  const plan::Plan plan = chain(GetParam(), c_);
  Engine engine = loaded(plan, options_);
  const Tensor graph = (*engine.run_on(inputs_))[0];
  ASSERT_TRUE(engine.run_steps());
  EXPECT_TRUE(*engine.output(0) == graph) << "without the graph";

  options_.programmatic_launch = false;
  Engine apart = loaded(plan, options_);
  EXPECT_FALSE(apart.programmatic_launch());
  EXPECT_TRUE((*apart.run_on(inputs_))[0] == graph) << "without overlap";

  for (size_t i = 0; i < kSteps; ++i) {
    const auto twice = engine.record(with_step_twice(i));
    ASSERT_TRUE(twice) << twice.error().text();
    const Recording* const order[] = {&*twice};
    const Tensor nothing(graph.type());
    ASSERT_TRUE(
        copy_to_device(engine.device(), engine.output_memory(0), nothing.bytes(), engine.stream()));
    ASSERT_TRUE(engine.times(order));
    EXPECT_TRUE(*engine.output(0) == graph) << "step " << i << " twice";
  }
}

TEST_F(EngineDeviceTest, OverlapsWhereTheDeviceCan) {
  Engine engine = loaded(chain(1000, random_values(1000)), options_);
  EXPECT_EQ(engine.programmatic_launch(), engine.device().target().compute_capability >= 90 &&
                                              engine.device().driver_version() >= 12030);
  EXPECT_EQ(engine.kernels().size(), kSteps);
  EXPECT_EQ(engine.load_record().binaries, 4);
  for (const StepKernel& kernel : engine.kernels()) {
    EXPECT_GT(kernel.registers, 0);
    EXPECT_EQ(kernel.local_bytes, 0);
    EXPECT_GT(kernel.blocks_per_multiprocessor, 0);
  }
}

TEST_F(EngineDeviceTest, TimesAreThoseOfTheWork) {
  constexpr int64_t kElements = 4 << 20;  // 48 MiB each step: tens of microseconds anywhere
  Engine engine = loaded(chain(kElements, random_values(kElements)), options_);
  const auto alone = engine.step_times();
  ASSERT_TRUE(alone) << alone.error().text();
  ASSERT_EQ(alone->size(), kSteps);
  for (const double time : *alone) EXPECT_GT(time, 1000);

  const auto twice = engine.record(with_step_twice(kSteps / 2));
  ASSERT_TRUE(twice) << twice.error().text();
  std::vector<const Recording*> order;
  for (int i = 0; i < 40; ++i) {
    order.push_back(&engine.recording());
    order.push_back(&*twice);
  }
  const auto times = engine.times(order);
  ASSERT_TRUE(times) << times.error().text();
  ASSERT_EQ(times->size(), order.size());
  for (const double time : *times) EXPECT_GT(time, 10'000);
}

TEST_F(EngineDeviceTest, ManyStepsAreTimedToo) {
  EngineCase many(64);
  plan::BufferId before = many.input();
  const plan::BufferId places[] = {many.arena(), many.arena()};
  for (size_t i = 0; i < 1500; ++i) {
    many.step("store(p1, i, 1.0f + load(p0, i));", {before}, places[i % 2]);
    before = places[i % 2];
  }
  many.step("store(p1, i, 1.0f + load(p0, i));", {before}, many.output());
  Engine engine = loaded(many.plan, options_);
  const std::vector<Tensor> inputs = {Tensor({DType::kF32, {64}})};
  EXPECT_EQ((*engine.run_on(inputs))[0].as<double>(), std::vector<double>(64, 1501));
  EXPECT_EQ(engine.step_times()->size(), 1501);
  const Recording* const order[] = {&engine.recording(), &engine.recording()};
  const auto times = engine.times(order);
  ASSERT_TRUE(times) << times.error().text();
  for (const double time : *times) EXPECT_GT(time, 0);
}

TEST_F(EngineDeviceTest, RunsInMemoryAndStreamsOfOthers) {
  Engine engine = loaded(chain(5000, random_values(5000)), options_);
  const std::vector<Tensor> inputs = {Tensor::of(DType::kF32, {5000}, random_values(5000))};
  const Tensor expected = (*engine.run_on(inputs))[0];

  const auto device = Device::open(0);
  ASSERT_TRUE(device);
  const auto from = allocate(*device, 5000 * 4, "a test");
  const auto to = allocate(*device, 5000 * 4, "a test");
  ASSERT_TRUE(from && to);
  const CUdeviceptr sources[] = {from->get()};
  const CUdeviceptr targets[] = {to->get()};
  ASSERT_TRUE(engine.bind(sources, targets));
  ASSERT_TRUE(engine.set_input(0, inputs[0]));

  CUstream other = nullptr;
  {
    const CurrentContext current(**device);
    ASSERT_EQ((*device)->api().stream_create(&other, kStreamNonBlocking), kCudaSuccess);
  }
  const Stream owned(*device, other);
  for (const CUstream stream : {other, CUstream{nullptr}}) {
    ASSERT_TRUE(engine.run(stream));
    ASSERT_TRUE(synchronize(**device, stream));
    EXPECT_TRUE(*engine.output(0) == expected);
  }
}

TEST_F(EngineDeviceTest, TheCacheServesTheSecondLoadAndHeals) {
  const plan::Plan plan = chain(5000, random_values(5000));
  const std::vector<Tensor> inputs = {Tensor::of(DType::kF32, {5000}, random_values(5000))};
  Engine first = loaded(plan, options_);
  const Tensor expected = (*first.run_on(inputs))[0];
  EXPECT_EQ(first.load_record().binaries_from_cache, 0);
  EXPECT_EQ(loaded(plan, options_).load_record().binaries_from_cache, first.load_record().binaries);
  for (const auto& entry : std::filesystem::directory_iterator(scratch_->path())) {
    std::filesystem::resize_file(entry.path(), std::filesystem::file_size(entry.path()) / 2);
  }
  Engine healed = loaded(plan, options_);
  EXPECT_EQ(healed.load_record().binaries_from_cache, 0);
  EXPECT_TRUE((*healed.run_on(inputs))[0] == expected);
}

TEST_F(EngineDeviceTest, PoisonShowsWhatIsNotWritten) {
  EngineCase half(1000);
  half.step("if (i % 2 == 0) store(p1, i, load(p0, i));", {half.input()}, half.output());
  Engine engine = loaded(half.plan, options_);
  const std::vector<Tensor> inputs = {Tensor({DType::kF32, {1000}})};
  const auto result = (*engine.run_on(inputs))[0].as<double>();
  for (size_t i = 0; i < result.size(); ++i) EXPECT_EQ(std::isnan(result[i]), i % 2 == 1) << i;
}

/// A plan of one step whose kernel is `source`.
plan::Plan one_step(int64_t elements) {
  EngineCase one(elements);
  one.step("", {one.input()}, one.output());
  return one.plan;
}

TEST_F(EngineDeviceTest, KernelsHaveAllTheSharedMemoryOfABlock) {
  options_.program_for = [](const plan::Plan&, const plan::Step&, const Target& target) {
    Program program;
    program.threads = 256;
    program.grid = {4, 1, 1};
    program.shared_bytes = target.shared_bytes_per_block;
    const int64_t floats = program.shared_bytes / 4;
    program.source = fmt::format(R"(
extern "C" __global__ void step(const float* p0, float* p1) {{
  extern __shared__ float values[];
  for (int i = threadIdx.x; i < {0}; i += 256) values[i] = p0[i % 1024] + i;
  __syncthreads();
  p1[blockIdx.x * 256 + threadIdx.x] = values[{0} - 1 - threadIdx.x];
}})",
                                 floats);
    return Result<Program>(program);
  };
  Engine engine = loaded(one_step(1024), options_);
  const std::vector<Tensor> inputs = {Tensor({DType::kF32, {1024}})};
  const auto result = engine.run_on(inputs);
  ASSERT_TRUE(result) << result.error().text();
  const auto floats = static_cast<double>(engine.device().target().shared_bytes_per_block / 4);
  const auto values = (*result)[0].as<double>();
  for (size_t i = 0; i < 1024; ++i) {
    ASSERT_EQ(values[i], floats - 1 - static_cast<double>(i % 256));
  }
}

TEST_F(EngineDeviceTest, BlocksFormClusters) {
  options_.program_for = [](const plan::Plan&, const plan::Step&, const Target&) {
    Program program;
    program.grid = {16, 1, 1};
    program.cluster = 4;
    program.source = R"(
extern "C" __global__ void step(const float* p0, float* p1) {
  unsigned blocks, rank;
  asm("mov.u32 %0, %%cluster_nctaid.x;" : "=r"(blocks));
  asm("mov.u32 %0, %%cluster_ctaid.x;" : "=r"(rank));
  p1[blockIdx.x] = blocks * 10 + rank;
})";
    return Result<Program>(program);
  };
  auto engine = Engine::load(one_step(16), options_);
  if (Device::open(0).value()->target().compute_capability < 90) {
    ASSERT_FALSE(engine);
    return;
  }
  ASSERT_TRUE(engine) << engine.error().text();
  const std::vector<Tensor> inputs = {Tensor({DType::kF32, {16}})};
  const auto result = engine->run_on(inputs);
  ASSERT_TRUE(result) << result.error().text();
  const auto values = (*result)[0].as<double>();
  for (size_t i = 0; i < 16; ++i) EXPECT_EQ(values[i], 40 + static_cast<double>(i % 4));
}

TEST_F(EngineDeviceTest, TooLargePlansSaySo) {
  plan::Plan plan = one_step(64);
  plan.arena_bytes = int64_t{1} << 44;
  options_.specialise = [](plan::Plan same, const Target&) { return same; };
  const auto engine = Engine::load(plan, options_);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().code, ErrorCode::kOutOfMemory);
  EXPECT_TRUE(engine.error().message.contains("MiB")) << engine.error().message;
  EXPECT_TRUE(Engine::load(one_step(64), options_));
}

constexpr const char* kAddsOne =
    "extern \"C\" __global__ void step(const float* p0, float* p1) {"
    " p1[threadIdx.x] = p0[threadIdx.x] + 1; }";

TEST_F(EngineDeviceTest, KernelsOfAnotherDeviceAreRefused) {
  const auto device = Device::open(0);
  ASSERT_TRUE(device);
  const int other = (*device)->target().compute_capability == 87 ? 90 : 87;
  NvrtcWish wish;
  wish.compute_capability = other;
  wish.driver_version = (*device)->driver_version();
  const auto nvrtc = find_nvrtc(wish);
  ASSERT_TRUE(nvrtc) << nvrtc.error().text();
  Program program;
  program.source = kAddsOne;
  const std::vector<Program> programs = {program};
  const auto compiled = compile_programs(programs, *nvrtc, other, {});
  ASSERT_TRUE(compiled) << compiled.error().text();
  const auto kernels = load_kernels(*device, programs, *compiled);
  ASSERT_FALSE(kernels);
  EXPECT_EQ(kernels.error().code, ErrorCode::kEnvironment);
  EXPECT_FALSE(kernels.error().hint.empty());
}

TEST_F(EngineDeviceTest, TheDriverTranslatesPtx) {
  const auto device = Device::open(0);
  ASSERT_TRUE(device);
  NvrtcWish wish;
  wish.compute_capability = (*device)->target().compute_capability;
  wish.driver_version = (*device)->driver_version();
  const auto nvrtc = find_nvrtc(wish);
  ASSERT_TRUE(nvrtc) << nvrtc.error().text();
  const int oldest = nvrtc->compute_capabilities().front();
  const auto ptx = nvrtc->compile(kAddsOne, fmt::format("compute_{}", oldest), compile_options());
  ASSERT_TRUE(ptx) << ptx.error().text();
  CompiledPrograms compiled;
  compiled.binaries = {*ptx};
  compiled.binary_of = {0};
  Program program;
  program.source = kAddsOne;
  program.threads = 64;
  const auto kernels = load_kernels(*device, {program}, compiled);
  if (!kernels && kernels.error().message.contains("UNSUPPORTED_PTX")) {
    GTEST_SKIP() << "NVRTC " << nvrtc->version() << " is newer than the driver";
  }
  ASSERT_TRUE(kernels) << kernels.error().text();
  EXPECT_GT(kernels->kernels[0].registers, 0);
}

/// What a kernel does that writes where nothing is: it ends the use of the device in this process,
/// so this is to be called in one of its own.
[[noreturn]] void run_into_nothing(EngineOptions options) {
  options.program_for = [](const plan::Plan&, const plan::Step&, const Target&) {
    Program program;
    program.source =
        "extern \"C\" __global__ void step(const float* p0, float* p1) {"
        " p1[1ll << 40] = p0[0]; }";
    return Result<Program>(program);
  };
  Engine engine = loaded(one_step(64), options);
  const std::vector<Tensor> inputs = {Tensor({DType::kF32, {64}})};
  const auto result = engine.run_on(inputs);
  const bool named = !result && result.error().code == ErrorCode::kRunnerFailed;
  std::exit(named ? 7 : 1);
}

TEST_F(EngineDeviceTest, ALostDeviceIsNamed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(run_into_nothing(options_), testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace nitro::cuda
