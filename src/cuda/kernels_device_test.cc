// The kernels of every family on a real device against what they should give; skipped where there
// is none.
#include <gtest/gtest.h>

#include "cuda/engine.h"
#include "cuda/sample_steps.h"

namespace nitro::cuda {
namespace {

class KernelsDeviceTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!driver()) GTEST_SKIP() << driver().error().text();
  }

  /// Runs the samples over poisoned memory, twice, by the graph and without it.
  template <class Samples>
  static void expect_right(const Samples& samples) {
    for (const auto& sample : samples) expect_right(sample_step(sample));
  }

 private:
  static void expect_right(const SampleStep& sample) {
    EngineOptions options;
    options.poison = true;
    auto engine = Engine::load(sample.plan, options);
    ASSERT_TRUE(engine) << sample.name << ": " << engine.error().text();
    const std::string& variant = engine->kernels()[0].program.variant;
    SCOPED_TRACE(sample.name + ", " + variant);
    const auto result = engine->run_on({});
    ASSERT_TRUE(result) << result.error().text();
    // Tensor cores add up in f32.
    const Sums sums = variant.contains("mma") ? Sums::kF32 : Sums::kF16Chunks;
    const auto wrong = mismatch(expected(sample, sums), (*result)[0]);
    EXPECT_FALSE(wrong) << *wrong;
    for (int i = 0; i < 10; ++i) EXPECT_TRUE((*engine->run_on({}))[0] == (*result)[0]);
    ASSERT_TRUE(engine->run_steps());
    EXPECT_TRUE(*engine->output(0) == (*result)[0]) << "without the graph";
  }
};

TEST_F(KernelsDeviceTest, ProductsOfModels) { expect_right(model_gemms(1)); }
TEST_F(KernelsDeviceTest, AttentionsOfModels) { expect_right(model_attentions(1)); }
TEST_F(KernelsDeviceTest, ProductsOfTwoImages) { expect_right(model_gemms(2)); }
TEST_F(KernelsDeviceTest, AttentionsOfTwoImages) { expect_right(model_attentions(2)); }

TEST_F(KernelsDeviceTest, Panels) {
  const auto device = Device::open(0);
  ASSERT_TRUE(device) << device.error().text();
  if ((*device)->target().compute_capability < 90) GTEST_SKIP() << "not on this device";
  expect_right(panel_gemms(1));
  expect_right(panel_attentions(1));
}

TEST_F(KernelsDeviceTest, Heads) {
  const auto device = Device::open(0);
  ASSERT_TRUE(device) << device.error().text();
  if ((*device)->target().compute_capability < 90) GTEST_SKIP() << "not on this device";
  for (const int64_t images : {1, 2, 3}) expect_right(heads(images));
}

TEST_F(KernelsDeviceTest, OddProducts) {
  for (const DType dtype : {DType::kF16, DType::kF32}) expect_right(odd_gemms(dtype));
}

TEST_F(KernelsDeviceTest, ProductsOfIntegers) { expect_right(integer_gemms()); }

TEST_F(KernelsDeviceTest, OddAttentions) {
  for (const DType dtype : {DType::kF16, DType::kF32}) expect_right(odd_attentions(dtype));
}

}  // namespace
}  // namespace nitro::cuda
