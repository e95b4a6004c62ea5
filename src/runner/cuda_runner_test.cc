#include "runner/cuda_runner.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cuda/engine_case.h"
#include "cuda/fake_driver.h"
#include "cuda/testing_nvrtc.h"
#include "plan/plan_file.h"
#include "runner/model_plan.h"
#include "runner/npy.h"
#include "runner/test_model.h"

namespace nitro::runner {
namespace {

constexpr int64_t kElements = 5;

constexpr cuda::GpuRoofs kRoofs{2.9e12, 50 << 20, 5.5e12,  7e12, 60e12, 120e12,
                                620e12, 240e12,   1200e12, 500,  1000};

float* floats(cuda::CUdeviceptr memory) { return reinterpret_cast<float*>(memory); }

/// The runner on a driver without a device, with a plan of y = 2 x + c and z = x - y.
class CudaRunnerTest : public testing::Test {
 protected:
  CudaRunnerTest()
      : fake_({{3,
                [](std::span<const cuda::CUdeviceptr> p) {
                  for (int64_t i = 0; i < kElements; ++i)
                    floats(p[2])[i] = 2 * floats(p[0])[i] + floats(p[1])[i];
                }},
               {3,
                [](std::span<const cuda::CUdeviceptr> p) {
                  for (int64_t i = 0; i < kElements; ++i)
                    floats(p[2])[i] = floats(p[0])[i] - floats(p[1])[i];
                }}}),
        api_(fake_.api()) {}

  void SetUp() override {
    NITRO_REQUIRE_NVRTC(cuda::kNvrtc12);
    ::unsetenv("NITRO_CUDA_PRECISION");
    cuda::EngineOptions options;
    options.driver = &api_;
    options.nvrtc = *cuda::test_nvrtc(cuda::kNvrtc12);
    options.cache = {};
    runner_.emplace(
        model_plan, std::move(options),
        [this](const cuda::Device&, const cuda::EngineOptions&) { return roofs_; },
        KernelRecorders{[this](const std::function<Result<void>()>& work)
                            -> Result<std::vector<cuda::KernelActivity>> {
                          TRY(work());
                          return kernels_;
                        },
                        [this](size_t most_kernels, const std::function<Result<void>()>& work)
                            -> Result<std::vector<cuda::KernelCounters>> {
                          EXPECT_EQ(most_kernels, 2U);
                          TRY(work());
                          return counters_;
                        }});
    ASSERT_TRUE(plan::write_plan(folder_.path() / "case.plan", {sample_plan()}));
  }

  static plan::Plan sample_plan() {
    cuda::EngineCase sample(kElements);
    const auto x = sample.input();
    const auto c = sample.constant({1, 2, 3, 4, 5});
    const auto y = sample.output();
    const auto z = sample.output();
    sample.step("store(p2, i, 2.0f * load(p0, i) + load(p1, i));", {x, c}, y);
    sample.step("store(p2, i, load(p0, i) - load(p1, i));", {x, y}, z);
    sample.plan.origins = {{"scale", "net.a"}, {"shift", "net.a"}};
    sample.plan.steps[0].origins = {0, 1};
    sample.plan.steps[0].cost = {10, 40, 20};
    return sample.plan;
  }

  Result<Json> ask(std::string_view verb, Json request) { return runner_->answer(verb, request); }
  Json hello() { return ask("hello", hello_request(folder_.path())).value(); }
  Result<Json> load(const std::filesystem::path& file,
                    const LoadOptions& options = {.provider = "cuda"}) {
    return ask("load", load_request(file, options));
  }
  Call call(const std::vector<double>& values, Handle handle = 1) {
    const std::filesystem::path path =
        folder_.path() / fmt::format("x{}.npy", static_cast<int>(values[0]));
    EXPECT_TRUE(write_npy(path, Tensor::of(DType::kF32, {kElements}, values)));
    return {handle, {{"port0", path}}};
  }

  ScratchFolder folder_ = ScratchFolder::create("nitro-test").value();
  cuda::FakeDriver fake_;
  cuda::DriverApi api_;
  Result<cuda::GpuRoofs> roofs_ = kRoofs;
  std::vector<cuda::KernelActivity> kernels_;
  Result<std::vector<cuda::KernelCounters>> counters_ = std::vector<cuda::KernelCounters>();
  std::optional<CudaRunner> runner_;
};

TEST_F(CudaRunnerTest, SaysWhatItRunsOn) {
  const Json reply = hello();
  EXPECT_TRUE(parse_hello(reply));
  const Json& environment = reply.at("environment");
  EXPECT_EQ(environment.at("device").as_string(), "Fake");
  EXPECT_EQ(environment.at("precision").as_string(), "f16");
  EXPECT_EQ(environment.at("cuda").as_string(), "12.8");
  EXPECT_EQ(environment.at("compute_capability").as_integer(), 90);
  EXPECT_FALSE(environment.at("nvrtc").as_string().empty());
}

TEST_F(CudaRunnerTest, ThePrecisionIsThatOfItsEnvironment) {
  ::setenv("NITRO_CUDA_PRECISION", "f32", 1);
  EXPECT_EQ(hello().at("environment").at("precision").as_string(), "f32");
  ::setenv("NITRO_CUDA_PRECISION", "f8", 1);
  const auto refused = ask("hello", hello_request(folder_.path()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kEnvironment);
  ::unsetenv("NITRO_CUDA_PRECISION");
}

TEST_F(CudaRunnerTest, RunsAPlan) {
  hello();
  const auto loaded = load(folder_.path() / "case.plan");
  ASSERT_TRUE(loaded) << loaded.error().text();
  const LoadedModel model = parse_load(*loaded).value();
  ASSERT_EQ(model.outputs.size(), 2U);
  const auto ran = ask("run", run_request(call({1, 1, 2, 3, 5})));
  ASSERT_TRUE(ran) << ran.error().text();
  const StagedInputs outputs = parse_run(*ran).value();
  EXPECT_EQ(read_npy(outputs.at(model.outputs[0].name))->as<double>(),
            (std::vector<double>{3, 4, 7, 10, 15}));
  EXPECT_EQ(read_npy(outputs.at(model.outputs[1].name))->as<double>(),
            (std::vector<double>{-2, -3, -5, -7, -10}));
  EXPECT_TRUE(ask("unload", unload_request(1)));
  EXPECT_EQ(ask("unload", unload_request(1)).error().code, ErrorCode::kUsage);
}

TEST_F(CudaRunnerTest, TimesFramesOfSeveralCallsWithoutAllocating) {
  hello();
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  const Workload frame{call({1, 1, 2, 3, 5}), call({9, 9, 9, 9, 9})};
  const TimeRules rules{.warmup_ns = 0, .max_warmup_ns = 0, .min_samples = 3, .max_samples = 4};
  const auto reply = ask("time", time_request({frame, {frame[0]}}, rules));
  ASSERT_TRUE(reply) << reply.error().text();
  const TimeReply timed = parse_time(*reply, 2).value();
  EXPECT_EQ(timed.variants[0].samples_ns.size(), 4U);
  EXPECT_TRUE(timed.variants[0].cold_ns.has_value());
  EXPECT_FALSE(timed.variants[1].cold_ns.has_value()) << "it ran in the variant before";
  // Each call reads its own inputs: first steps alternate between two places.
  ASSERT_GE(fake_.launches.size(), 4U);
  EXPECT_NE(fake_.launches[0].arguments[0], fake_.launches[2].arguments[0]);
}

TEST_F(CudaRunnerTest, ProfilesTheSteps) {
  hello();
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  const auto reply = ask("profile", profile_request(call({1, 1, 2, 3, 5}), 3));
  ASSERT_TRUE(reply) << reply.error().text();
  const NodeProfile profile = parse_profile(*reply).value();
  ASSERT_EQ(profile.nodes.size(), 2U);
  EXPECT_EQ(profile.run_ns, (std::vector<int64_t>(3, 2'000'000)));
  EXPECT_EQ(profile.start_ns.size(), 3U);
  for (const NodeTime& node : profile.nodes) {
    EXPECT_EQ(node.op_type, "loop");
    EXPECT_EQ(node.durations_ns, (std::vector<int64_t>(3, 1'000'000)));
    EXPECT_EQ(node.again_ns, (std::vector<int64_t>(3, 1'000'000)));
    EXPECT_EQ(node.alone_ns, (std::vector<int64_t>(3, 1'000'000)));
    EXPECT_EQ(node.arithmetic, cuda::Arithmetic::kF32);
    EXPECT_GT(node.waves.value(), 0);
    EXPECT_FALSE(node.operand_bytes) << "not known of a loop";
  }
  EXPECT_EQ(profile.nodes[0].origins, (std::vector<std::string>{"scale", "shift"}));
  EXPECT_EQ(profile.nodes[0].flops, 10);
  EXPECT_EQ(profile.nodes[0].bytes, 60);
  EXPECT_EQ(profile.nodes[1].origins, std::vector<std::string>());
  EXPECT_EQ(profile.gpu_roofs, kRoofs);
  EXPECT_EQ(profile.activity_error, "CUPTI recorded 0 kernels in 3 runs of 2");
  EXPECT_EQ(profile.counters_error, "CUPTI counted 0 kernels in a run of 2");
}

TEST_F(CudaRunnerTest, TimesOnlyAreInTheGraphAlone) {
  hello();
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  const auto reply = ask("profile", profile_request(call({1, 1, 2, 3, 5}), 3, true));
  ASSERT_TRUE(reply) << reply.error().text();
  const NodeProfile profile = parse_profile(*reply).value();
  for (const NodeTime& node : profile.nodes) {
    EXPECT_EQ(node.durations_ns, (std::vector<int64_t>(3, 1'000'000)));
    EXPECT_TRUE(node.again_ns.empty() && node.alone_ns.empty());
  }
  EXPECT_FALSE(profile.gpu_roofs);
  EXPECT_TRUE(profile.gpu_roofs_error.empty() && profile.activity_error.empty());
}

TEST_F(CudaRunnerTest, OfABoardItHasTheClocks) {
  EXPECT_FALSE(parse_hello(hello())->can("clocks"));
  EXPECT_EQ(ask("clocks", to_json(ClocksWanted{})).error().code, ErrorCode::kUsage);
  const std::filesystem::path gpu = folder_.path() / "sys/class/devfreq/57000000.gpu";
  std::filesystem::create_directories(gpu);
  for (const char* file : {"cur_freq", "min_freq", "max_freq"})
    ASSERT_TRUE(write_file_atomic(gpu / file, "921600000\n"));
  ::setenv("NITRO_BOARD_ROOT", folder_.path().c_str(), 1);
  const Json reply = hello();
  ::unsetenv("NITRO_BOARD_ROOT");
  EXPECT_TRUE(parse_hello(reply)->can("clocks"));
  EXPECT_EQ(parse_clocks(*ask("clocks", to_json(ClocksWanted{})))->gpu->now, 921'600'000);
}

TEST_F(CudaRunnerTest, KernelsOfTheGpusRecordAreThoseOfTheSteps) {
  kernels_ = {{100, 130}, {125, 150}, {400, 440}, {450, 470}};
  hello();
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  const auto reply = ask("profile", profile_request(call({1, 1, 2, 3, 5}), 2));
  ASSERT_TRUE(reply) << reply.error().text();
  const NodeProfile profile = parse_profile(*reply).value();
  EXPECT_EQ(profile.nodes[0].kernel_ns, (std::vector<int64_t>{30, 40}));
  EXPECT_EQ(profile.nodes[0].gap_ns, (std::vector<int64_t>{0, 0}));
  EXPECT_EQ(profile.nodes[1].kernel_ns, (std::vector<int64_t>{25, 20}));
  EXPECT_EQ(profile.nodes[1].gap_ns, (std::vector<int64_t>{-5, 10}));
  EXPECT_TRUE(profile.activity_error.empty());
}

TEST_F(CudaRunnerTest, CountersOfTheHardwareAreThoseOfTheSteps) {
  counters_ = {{.memory_bytes = 5e6, .issue_share = 0.25}, {.tensor_share = 0.5}};
  hello();
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  const auto reply = ask("profile", profile_request(call({1, 1, 2, 3, 5}), 1));
  ASSERT_TRUE(reply) << reply.error().text();
  const NodeProfile profile = parse_profile(*reply).value();
  EXPECT_TRUE(profile.counters_error.empty());
  EXPECT_EQ(profile.nodes[0].counters, counters_->at(0));
  EXPECT_EQ(profile.nodes[1].counters, counters_->at(1));
  counters_ = fail(ErrorCode::kEnvironment, "only administrators may");
  const auto without = ask("profile", profile_request(call({1, 1, 2, 3, 5}), 1));
  ASSERT_TRUE(without) << without.error().text();
  EXPECT_EQ(parse_profile(*without)->counters_error, "only administrators may");
  EXPECT_FALSE(parse_profile(*without)->nodes[0].counters);
}

TEST_F(CudaRunnerTest, AProfileWithoutRoofsSaysWhy) {
  roofs_ = fail(ErrorCode::kOutOfMemory, "no room for the copy");
  hello();
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  const auto reply = ask("profile", profile_request(call({1, 1, 2, 3, 5}), 1));
  ASSERT_TRUE(reply) << reply.error().text();
  const NodeProfile profile = parse_profile(*reply).value();
  EXPECT_EQ(profile.nodes.size(), 2U);
  EXPECT_FALSE(profile.gpu_roofs);
  EXPECT_TRUE(profile.gpu_roofs_error.contains("no room for the copy"));
}

TEST_F(CudaRunnerTest, ItsClientRefusesRoofsAndArithmeticThatCannotBe) {
  hello();
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  const Json good = ask("profile", profile_request(call({1, 1, 2, 3, 5}), 1)).value();
  ASSERT_TRUE(parse_profile(good));
  Json slow = good;
  slow["gpu_roofs"]["copy_bytes_per_s"] = 0;
  Json strange = good;
  Json impossible = good;
  Json counting = good.at("nodes").items()[0];
  counting["counters"] = Json::object({{"issue_share", -0.5}});
  impossible["nodes"] = Json::array({counting});
  Json node = good.at("nodes").items()[0];
  node["arithmetic"] = "abacus";
  strange["nodes"] = Json::array({node});
  for (const auto& [reply, word] :
       {std::pair(slow, "copy_bytes_per_s"), {strange, "abacus"}, {impossible, "issue_share"}}) {
    const auto parsed = parse_profile(reply);
    ASSERT_FALSE(parsed) << word;
    EXPECT_EQ(parsed.error().code, ErrorCode::kRunnerFailed);
    EXPECT_TRUE(parsed.error().message.contains(word)) << parsed.error().message;
  }
}

TEST_F(CudaRunnerTest, NamesWhatIsWrong) {
  EXPECT_EQ(ask("load", Json::object()).error().code, ErrorCode::kUsage) << "hello comes first";
  hello();
  EXPECT_EQ(load(folder_.path() / "case.plan", {.provider = "cpu"}).error().code,
            ErrorCode::kEnvironment);
  EXPECT_FALSE(load(folder_.path() / "missing.onnx"));
  ASSERT_TRUE(write_file_atomic(folder_.path() / "bad.plan", "NITROPLN"));
  EXPECT_EQ(load(folder_.path() / "bad.plan").error().code, ErrorCode::kBadFile);
  ASSERT_TRUE(load(folder_.path() / "case.plan"));
  EXPECT_EQ(ask("run", run_request({1, {}})).error().code, ErrorCode::kShapeMismatch);
  Call wrong = call({1, 2, 3, 4, 5});
  ASSERT_TRUE(write_npy(wrong.inputs.at("port0"), Tensor({DType::kF32, {3}})));
  EXPECT_EQ(ask("run", run_request(wrong)).error().code, ErrorCode::kShapeMismatch);
  EXPECT_EQ(ask("run", run_request(call({1, 2, 3, 4, 5}, 7))).error().code, ErrorCode::kUsage);
  EXPECT_EQ(ask("dance", Json::object()).error().code, ErrorCode::kUsage);
}

TEST(CudaRunnerWithoutADevice, SaysWhyAndWhatHelps) {
  if (cuda::driver()) GTEST_SKIP() << "there is a device here";
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const auto runner = Runner::start("cuda", {{self, "runner", "cuda"}});
  ASSERT_FALSE(runner);
  EXPECT_EQ(runner.error().code, ErrorCode::kEnvironment);
  EXPECT_FALSE(runner.error().hint.empty());
}

/// All steps of a lowered model come back to the nodes of the file.
class CudaRunnerModelTest : public ModelTest {};

TEST_F(CudaRunnerModelTest, LowersAnOnnxFile) {
  NITRO_REQUIRE_NVRTC(cuda::kNvrtc12);
  cuda::FakeDriver fake({{0, [](auto) {}}});
  const cuda::DriverApi api = fake.api();
  cuda::EngineOptions options;
  options.driver = &api;
  options.nvrtc = *cuda::test_nvrtc(cuda::kNvrtc12);
  options.cache = {};
  options.program_for = [](const plan::Plan&, const plan::Step&,
                           const cuda::Target&) -> Result<cuda::Program> {
    cuda::Program nothing;
    nothing.source = "extern \"C\" __global__ void step() {}";
    return nothing;
  };
  CudaRunner runner(model_plan, options,
                    [](const cuda::Device&, const cuda::EngineOptions&) -> Result<cuda::GpuRoofs> {
                      return kRoofs;
                    });
  ASSERT_TRUE(runner.answer("hello", hello_request(folder_.path())));
  const LoadOptions with_shape{.provider = "cuda", .shapes = {{"x", {2, 49, 32}}}};
  const auto loaded = runner.answer("load", load_request(model_, with_shape));
  ASSERT_TRUE(loaded) << loaded.error().text();
  const std::filesystem::path x = folder_.path() / "x.npy";
  ASSERT_TRUE(write_npy(x, input(2).at("x")));
  const auto reply = runner.answer("profile", profile_request({1, {{"x", x}}}, 1));
  ASSERT_TRUE(reply) << reply.error().text();
  std::set<std::string> origins;
  const NodeProfile profile = parse_profile(*reply).value();
  for (const NodeTime& node : profile.nodes) {
    EXPECT_FALSE(node.origins->empty()) << node.name;
    origins.insert(node.origins->begin(), node.origins->end());
  }
  EXPECT_TRUE(origins.contains("softmax")) << "as the file names it";
}

}  // namespace
}  // namespace nitro::runner
