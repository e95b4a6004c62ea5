#include "cuda/engine_c.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "cuda/engine_case.h"
#include "cuda/fake_driver.h"
#include "cuda/testing_nvrtc.h"
#include "plan/plan_file.h"

namespace nitro::cuda {
namespace {

constexpr int64_t kElements = 5;

plan::Plan twice_plan() {
  EngineCase sample(kElements);
  const auto x = sample.input();
  const auto y = sample.output();
  sample.step("store(p1, i, 2.0f * load(p0, i));", {x}, y);
  return sample.plan;
}

TEST(EngineC, RunsOnHostMemoryAndOnMemoryOfTheCaller) {
  NITRO_REQUIRE_NVRTC(kNvrtc12);
  FakeDriver fake({{2, [](std::span<const CUdeviceptr> p) {
                      for (int64_t i = 0; i < kElements; ++i) {
                        reinterpret_cast<float*>(p[1])[i] = 2 * reinterpret_cast<float*>(p[0])[i];
                      }
                    }}});
  const DriverApi api = fake.api();
  EngineOptions options;
  options.driver = &api;
  options.nvrtc = *test_nvrtc(kNvrtc12);
  options.cache = {};
  nitro_engine_error error{};
  nitro_engine* const engine = c_engine(Engine::load(twice_plan(), options), &error);
  ASSERT_NE(engine, nullptr) << error.message;
  ASSERT_EQ(nitro_engine_input_count(engine), 1U);
  ASSERT_EQ(nitro_engine_output_count(engine), 1U);
  const nitro_engine_port port = nitro_engine_output(engine, 0);
  EXPECT_STREQ(port.name, "port1");
  EXPECT_STREQ(port.dtype, "f32");
  ASSERT_EQ(port.rank, 1U);
  EXPECT_EQ(port.shape[0], kElements);
  EXPECT_EQ(port.bytes, 20U);
  EXPECT_STREQ(nitro_engine_device_name(engine), "Fake");
  EXPECT_EQ(nitro_engine_step_count(engine), 1U);
  EXPECT_GT(nitro_engine_memory_bytes(engine), 0U);

  const float x[kElements] = {1, 2, 3, 4, 5};
  float y[kElements] = {};
  const void* const inputs[] = {x};
  void* const outputs[] = {y};
  ASSERT_TRUE(nitro_engine_run_host(engine, inputs, outputs, &error)) << error.message;
  EXPECT_EQ(y[4], 10);

  alignas(256) float memory[2][64] = {{7, 7, 7, 7, 8}, {}};
  const uint64_t from[] = {reinterpret_cast<uint64_t>(memory[0])};
  const uint64_t to[] = {reinterpret_cast<uint64_t>(memory[1])};
  ASSERT_TRUE(nitro_engine_bind(engine, from, to, &error)) << error.message;
  EXPECT_EQ(nitro_engine_input_memory(engine, 0), from[0]);
  EXPECT_EQ(nitro_engine_output_memory(engine, 0), to[0]);
  const int allocations = fake.allocations;
  ASSERT_TRUE(nitro_engine_run(engine, nullptr, &error)) << error.message;
  api.stream_synchronize(nullptr);
  EXPECT_EQ(memory[1][4], 16);
  EXPECT_EQ(fake.allocations, allocations);

  const uint64_t crooked[] = {from[0] + 4};
  EXPECT_FALSE(nitro_engine_bind(engine, crooked, nullptr, &error));
  EXPECT_STREQ(error.code, "usage");
  EXPECT_TRUE(nitro_engine_bind(engine, nullptr, nullptr, nullptr));
  nitro_engine_free(engine);
  EXPECT_EQ(fake.live, 0);
}

TEST(EngineC, SaysWhyItCannotLoad) {
  nitro_engine_error error{};
  EXPECT_EQ(nitro_engine_load("/nonexistent.plan", nullptr, &error), nullptr);
  EXPECT_STREQ(error.code, "input_output");
  EXPECT_EQ(nitro_engine_load("/nonexistent.plan", nullptr, nullptr), nullptr);
  const ScratchFolder folder = ScratchFolder::create("nitro-test").value();
  const std::filesystem::path path = folder.path() / "x.plan";
  ASSERT_TRUE(write_file_atomic(path, "not a plan"));
  EXPECT_EQ(nitro_engine_load(path.c_str(), nullptr, &error), nullptr);
  EXPECT_STREQ(error.code, "bad_file");
  ASSERT_TRUE(plan::write_plan(path, {twice_plan()}));
  if (driver()) GTEST_SKIP() << "there is a device here";
  EXPECT_EQ(nitro_engine_load(path.c_str(), nullptr, &error), nullptr);
  EXPECT_STREQ(error.code, "environment");
  EXPECT_STRNE(error.hint, "");
}

}  // namespace
}  // namespace nitro::cuda
