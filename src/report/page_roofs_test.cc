#include "report/page_roofs.h"

#include <gtest/gtest.h>

namespace nitro::report {
namespace {

Json of_processor() {
  Json result;
  result["roofs"] = Json::parse(R"({"threads": 2, "fp32_flops": 1e11, "l1_bytes_per_s": 5e11,
                                    "l3_bytes_per_s": null, "dram_bytes_per_s": 2e10})")
                        .value();
  return result;
}

Json with_gpu(std::string_view roofs) {
  Json result = of_processor();
  result["baseline"]["profile"]["gpu_roofs"] = Json::parse(roofs).value();
  return result;
}

TEST(PageRoofs, OfTheProcessor) {
  const Json page = page_roofs(of_processor());
  EXPECT_EQ(page.at("peak").at("name").as_string(), "single precision");
  EXPECT_EQ(page.at("peak").at("flops").as_number(), 1e11);
  const auto& bandwidths = page.at("bandwidths").items();
  ASSERT_EQ(bandwidths.size(), 2U) << "that of L3 was not measured";
  EXPECT_EQ(bandwidths[0].at("name").as_string(), "L1");
  EXPECT_EQ(bandwidths[1].at("name").as_string(), "DRAM");
  EXPECT_EQ(bandwidths[1].at("bytes_per_s").as_number(), 2e10);
}

TEST(PageRoofs, OfTheGpuWhereItExecutedTheLayers) {
  const Json page = page_roofs(with_gpu(R"({"fp32_flops": 6e13, "fp16_flops": 1.2e14,
      "tensor_flops": 6e14, "copy_bytes_per_s": 2.5e12, "cache_read_bytes_per_s": 5e12})"));
  EXPECT_EQ(page.at("peak").at("name").as_string(), "tensor cores");
  EXPECT_EQ(page.at("peak").at("flops").as_number(), 6e14);
  ASSERT_EQ(page.at("bandwidths").size(), 2U);
  EXPECT_EQ(page.at("bandwidths").items()[1].at("bytes_per_s").as_number(), 2.5e12);
}

TEST(PageRoofs, OfAGpuWithoutTensorCores) {
  const Json page = page_roofs(with_gpu(R"({"fp32_flops": 2e11, "fp16_flops": 4e11,
      "tensor_flops": 0, "copy_bytes_per_s": 2e10, "cache_read_bytes_per_s": 0})"));
  EXPECT_EQ(page.at("peak").at("name").as_string(), "half precision");
  EXPECT_EQ(page.at("bandwidths").size(), 1U);
}

TEST(PageRoofs, WithoutAnyThereIsNoPeak) {
  EXPECT_EQ(page_roofs(Json::object()).dump(), R"({"bandwidths":[]})");
}

}  // namespace
}  // namespace nitro::report
