#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "runner/find_python.h"
#include "runner/registry.h"

namespace nitro::runner {

/// A scratch folder with the model of tests/runners/make_model.py: x f32[batch,49,32] -> y
/// f32[batch,49,16], a softmax.
class ModelTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string script = NITRO_SOURCE_DIR "/tests/runners/make_model.py";
    auto maker = Subprocess::start({{find_python({}).native(), script, model_.native()}});
    ASSERT_TRUE(maker.has_value()) << maker.error().text();
    maker->wait(Clock::now() + std::chrono::minutes(2));
    maker->kill_and_reap();
    ASSERT_EQ(maker->ending(), "exit code 0") << maker->stderr_tail();
  }

  static NamedTensors input(int64_t batch) {
    std::vector<double> values(static_cast<size_t>(batch * 49 * 32));
    for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i));
    return {{"x", Tensor::of(DType::kF32, {batch, 49, 32}, values)}};
  }

  static TimeRules quick() {
    return {.warmup_ns = 1'000'000,
            .max_warmup_ns = 5'000'000,
            .max_samples = 12,
            .max_ns = 1'000'000'000};
  }

  ScratchFolder folder_ = ScratchFolder::create("nitro-test").value();
  std::filesystem::path model_ = folder_.path() / "small.onnx";
};

}  // namespace nitro::runner
