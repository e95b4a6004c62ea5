#include "profile/profile.h"

#include <gtest/gtest.h>

#include <set>

namespace nitro::profile {
namespace {

/// x[8,16] @ w -> + b -> relu, of the modules net.fc and net.act.
onnx::ImportedModel small_model() {
  onnx::ImportedModel model;
  Graph& graph = model.graph;
  const ValueId x = graph.add_input("x", {DType::kF32, {8, 16}});
  const ValueId w = graph.add_constant(Tensor({DType::kF32, {16, 32}}), "w");
  const ValueId b = graph.add_constant(Tensor({DType::kF32, {32}}), "b");
  const ValueId product = graph.add_node(MatMul{}, {x, w}).value()[0];
  const ValueId sum = graph.add_node(Binary{BinaryKind::kAdd}, {product, b}).value()[0];
  graph.set_outputs({graph.add_node(Unary{UnaryKind::kRelu}, {sum}).value()[0]});
  model.nodes = {
      {"matmul", "MatMul", "", {{"matmul", "net.fc"}}, {"x", "w"}, {"m"}, 0, 1},
      {"bias", "Add", "", {{"bias", "net.fc"}}, {"m", "b"}, {"a"}, 1, 2},
      {"relu", "Relu", "", {{"relu", "net.act"}}, {"a"}, {"y"}, 2, 3},
  };
  return model;
}

runner::NodeTime executed(std::string name, std::string op, std::vector<std::string> inputs,
                          std::vector<std::string> outputs, int64_t ns) {
  runner::NodeTime node;
  node.name = std::move(name);
  node.op_type = std::move(op);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  for (int64_t i = 0; i < 8; ++i) node.durations_ns.push_back(ns + 10 * (i % 2 == 0 ? i : -i));
  return node;
}

TEST(Profile, TheRunnersWordAboutOriginsAndWorkIsTaken) {
  runner::NodeTime first = executed("gemm 8x32x16", "gemm", {}, {}, 1000);
  first.origins = {"bias", "matmul"};
  first.flops = 4e6;
  first.bytes = 2e3;
  first.provider = "cuda";
  runner::NodeTime second = executed("loop", "loop", {}, {}, 1000);
  second.origins = {"bias", "relu"};
  second.flops = 0;
  second.bytes = 1e3;
  second.provider = "cuda";
  second.alone_ns = {1500, 1700, 1600};
  second.again_ns = {400, 500, 600};
  second.waves = 1.5;
  const onnx::ImportedModel model = small_model();
  const measure::Roofs roofs;
  runner::NodeProfile measured;
  measured.nodes = {first, second};
  const Profile profile = build_profile(measured, {model, roofs, 1, {}, 2000, 1});
  ASSERT_EQ(profile.layers.size(), 2U);
  EXPECT_EQ(profile.layers[0].origins, (std::vector<std::string>{"matmul", "bias"}));
  EXPECT_EQ(profile.layers[0].module, "net.fc");
  EXPECT_EQ(profile.layers[0].flops, 4e6);
  EXPECT_EQ(profile.layers[1].module, "net");
  EXPECT_EQ(profile.layers[1].bytes, 1e3) << "though both cover the bias";
  EXPECT_EQ(profile.layers[0].bound, Bound::kUnknown);
  EXPECT_TRUE(profile.layers[0].evidence.contains("TFLOP/s")) << profile.layers[0].evidence;
  EXPECT_EQ(profile.attributed_share, 1);
  const Json json = to_json(profile);
  EXPECT_FALSE(json.at("layers").items()[0].contains("alone_ns"));
  EXPECT_EQ(json.at("layers").items()[1].at("alone_ns").as_number(), 1600);
  EXPECT_EQ(json.at("layers").items()[1].at("again_ns").as_number(), 500);
  EXPECT_EQ(json.at("layers").items()[1].at("waves").as_number(), 1.5);
  EXPECT_EQ(json.at("layers").items()[1].at("idle_share").as_number(), 0.25);
}

runner::NodeProfile on_gpu() {
  runner::NodeTime gemm = executed("gemm 8x32x16", "gemm", {}, {}, 10'000);
  gemm.origins = {"bias", "matmul"};
  gemm.flops = 3e9;
  gemm.bytes = 2e3;
  gemm.provider = "cuda";
  gemm.arithmetic = cuda::Arithmetic::kTensor;
  runner::NodeTime loop = gemm;
  loop.name = "loop";
  loop.origins = {"relu"};
  loop.arithmetic = {};
  runner::NodeProfile measured;
  measured.nodes = {gemm, loop};
  return measured;
}

TEST(Profile, LayersOnAGpuAreHeldAgainstItsRoofs) {
  const onnx::ImportedModel model = small_model();
  runner::NodeProfile measured = on_gpu();
  measured.gpu_roofs = cuda::GpuRoofs{2.5e12, 50'000'000, 5e12,    6e12, 600e12, 120e12,
                                      600e12, 240e12,     1200e12, 500,  1000};
  for (const double calls : {1.0, 2.0}) {
    const Profile profile = build_profile(measured, {model, {}, 1, {}, 20'000 * calls, calls});
    EXPECT_EQ(profile.layers[0].bound, Bound::kCompute);
    EXPECT_TRUE(profile.layers[0].evidence.contains("50 % of the tensor roof (600 TFLOP/s)"))
        << profile.layers[0].evidence;
    EXPECT_TRUE(profile.layers[1].evidence.contains("FP32 roof")) << profile.layers[1].evidence;
    EXPECT_TRUE(profile.notes.empty());
    const Json roofs = to_json(profile).at("gpu_roofs");
    EXPECT_EQ(cuda::gpu_roofs_from_json(roofs).value(), *measured.gpu_roofs);
  }
}

TEST(Profile, WithoutRoofsOfTheGpuItSaysWhy) {
  const onnx::ImportedModel model = small_model();
  runner::NodeProfile measured = on_gpu();
  measured.gpu_roofs_error = "no room for the copy";
  const Profile profile = build_profile(measured, {model, {}, 1, {}, 20'000, 1});
  EXPECT_EQ(profile.layers[0].bound, Bound::kUnknown);
  EXPECT_TRUE(profile.layers[0].evidence.contains("roofs of the GPU are not known"));
  EXPECT_FALSE(to_json(profile).contains("gpu_roofs"));
  ASSERT_EQ(profile.notes.size(), 1U);
  EXPECT_EQ(profile.notes[0].code, measure::QualityCode::kRoofMissing);
  EXPECT_EQ(profile.notes[0].detail, "no room for the copy");
}

/// What a backend makes of it: a reshape, a Gemm, a reshape back, a Relu.
runner::NodeProfile measured() {
  runner::NodeProfile profile;
  profile.nodes = {
      executed("", "Reshape", {"x"}, {"x_2d"}, 1'000),
      executed("gemm", "Gemm", {"x_2d", "w", "b"}, {"a_2d"}, 20'000),
      executed("", "Reshape", {"a_2d"}, {"a"}, 1'000),
      executed("relu", "Relu", {"a"}, {"y"}, 4'000),
  };
  profile.nodes[2].domain = "com.microsoft";
  for (size_t i = 0; i < profile.nodes.size(); ++i)
    profile.nodes[i].index = static_cast<int64_t>(i);
  return profile;
}

measure::Roofs roofs() {
  measure::Roofs made;
  made.by_threads = {{.threads = 1, .fp32_flops = 1e9, .dram_bytes_per_s = 1e9}};
  made.dispatch_ns = 1;
  return made;
}

Profile built(double total_ns, double calls = 1) {
  const onnx::ImportedModel model = small_model();
  const measure::Roofs limits = roofs();
  return build_profile(measured(), {model, limits, 1, {}, total_ns, calls});
}

TEST(Profile, JoinsTimesWorkAndModules) {
  const Profile profile = built(26'000);
  ASSERT_EQ(profile.layers.size(), 4U);
  EXPECT_EQ(profile.attributed_share, 1);
  EXPECT_NEAR(profile.layers_sum_ns, 26'000, 100);
  EXPECT_TRUE(profile.notes.empty());
  const Layer& gemm = profile.layers[1];
  EXPECT_EQ(gemm.name, "gemm");
  EXPECT_EQ(gemm.module, "net.fc");
  EXPECT_EQ(gemm.origins, (std::vector<std::string>{"matmul", "bias"}));
  EXPECT_LT(gemm.low_ns, gemm.time_ns);
  EXPECT_GT(gemm.high_ns, gemm.time_ns);
  EXPECT_EQ(profile.layers[3].module, "net.act");
}

TEST(Profile, CountsTheWorkOfASharedCoverOnceAtTheSlowest) {
  const Profile profile = built(26'000);
  EXPECT_EQ(profile.layers[0].flops, 0);
  EXPECT_EQ(profile.layers[2].bytes, 0);
  EXPECT_EQ(profile.layers[1].flops, 2 * 8 * 16 * 32 + 8 * 32);
  EXPECT_EQ(profile.layers[1].bytes, 4 * (8 * 16 + 16 * 32 + 32 + 8 * 32));
  EXPECT_EQ(profile.modules[0].flops, 2 * 8 * 16 * 32 + 2 * 8 * 32);
}

TEST(Profile, NamesNodesWithoutNames) {
  const Profile profile = built(26'000);
  EXPECT_EQ(profile.layers[0].name, "Reshape_0");
  EXPECT_EQ(profile.layers[2].name, "com.microsoft.Reshape_2");
  std::set<std::string> names;
  for (const Layer& layer : profile.layers) names.insert(layer.name);
  EXPECT_EQ(names.size(), profile.layers.size());
}

TEST(Profile, SeveralCallsPerFrameMultiplyTimesAndWork) {
  const Profile one = built(26'000), two = built(52'000, 2);
  for (size_t i = 0; i < one.layers.size(); ++i) {
    EXPECT_NEAR(two.layers[i].time_ns, 2 * one.layers[i].time_ns, 1e-6);
    EXPECT_EQ(two.layers[i].flops, 2 * one.layers[i].flops);
    EXPECT_EQ(two.layers[i].bound, one.layers[i].bound);
  }
}

TEST(Profile, NotesLayersThatDoNotAddUp) {
  ASSERT_EQ(built(40'000).notes.size(), 1U);
  EXPECT_EQ(built(40'000).notes[0].code, measure::QualityCode::kLayerSumMismatch);
  EXPECT_TRUE(built(26'500).notes.empty());
}

TEST(Profile, StartingARunExplainsPartOfIt) {
  const onnx::ImportedModel model = small_model();
  const measure::Roofs limits = roofs();
  runner::NodeProfile started = measured();
  started.start_ns = {13'000, 14'000, 15'000};
  const Profile profile = build_profile(started, {model, limits, 1, {}, 40'000, 1});
  EXPECT_EQ(profile.start_ns, 14'000);
  EXPECT_TRUE(profile.notes.empty());
  EXPECT_EQ(to_json(profile).at("start_ns").as_number(), 14'000);
  EXPECT_FALSE(to_json(built(26'000)).contains("start_ns"));
}

TEST(Profile, ANodeThatTheModelDoesNotKnowIsNotAttributed) {
  const onnx::ImportedModel model = small_model();
  const measure::Roofs limits = roofs();
  runner::NodeProfile strange = measured();
  strange.nodes.push_back(executed("", "Secret", {"p"}, {"q"}, 26'000));
  const Profile profile = build_profile(strange, {model, limits, 1, {}, 52'000, 1});
  EXPECT_NEAR(profile.attributed_share, 0.5, 0.01);
  EXPECT_EQ(profile.layers[4].module, "");
  EXPECT_TRUE(profile.layers[4].origins.empty());
}

TEST(Profile, NothingMeasuredIsAnEmptyProfile) {
  const onnx::ImportedModel model = small_model();
  const measure::Roofs limits = roofs();
  const Profile profile = build_profile({}, {model, limits, 1, {}, 0, 1});
  EXPECT_TRUE(profile.layers.empty());
  EXPECT_EQ(profile.attributed_share, 0);
  EXPECT_EQ(profile.modules.size(), 1U);
}

TEST(Profile, AsJson) {
  const Profile profile = built(26'000);
  const Json json = to_json(profile);
  EXPECT_EQ(json.at("total_ns").as_number(), 26'000);
  EXPECT_NEAR(json.at("overhead_ns").as_number(), 26'000 - profile.layers_sum_ns, 1e-9);
  const Json& gemm = json.at("layers").items().at(1);
  EXPECT_EQ(gemm.at("id").as_integer(), 1);
  EXPECT_EQ(gemm.at("module").as_string(), "net.fc");
  EXPECT_NEAR(gemm.at("share").as_number(), profile.layers[1].time_ns / 26'000, 1e-9);
  EXPECT_NEAR(gemm.at("intensity").as_number(), profile.layers[1].flops / profile.layers[1].bytes,
              1e-9);
  EXPECT_TRUE(json.at("layers").items()[0].at("intensity").is_null()) << "it has no work";
  const Json& root = json.at("modules").items().at(0);
  EXPECT_EQ(root.at("path").as_string(), "");
  EXPECT_EQ(root.at("parent").as_integer(), -1);
  EXPECT_EQ(Json::parse(json.dump()).value().at("layers").size(), 4U);
}

}  // namespace
}  // namespace nitro::profile
