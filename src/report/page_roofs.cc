#include "report/page_roofs.h"

#include <initializer_list>
#include <utility>

namespace nitro::report {
namespace {

struct Named {
  std::string_view name;
  std::string_view key;
};

bool is_measured(const Json& value) { return value.is_number() && value.as_number() > 0; }

Json roofs_of(const Json& roofs, std::initializer_list<Named> peaks,
              std::initializer_list<Named> bandwidths) {
  Json page = Json::object();
  for (const Named& peak : peaks) {
    const Json& flops = roofs.at(peak.key);
    if (!is_measured(flops) || flops.as_number() <= page.at("peak").at("flops").as_number())
      continue;
    page["peak"] = Json::object({{"name", peak.name}, {"flops", flops}});
  }
  page["bandwidths"] = Json::array();
  for (const Named& bandwidth : bandwidths) {
    const Json& rate = roofs.at(bandwidth.key);
    if (!is_measured(rate)) continue;
    page["bandwidths"].push_back(Json::object({{"name", bandwidth.name}, {"bytes_per_s", rate}}));
  }
  return page;
}

}  // namespace

const Json& gpu_roofs(const Json& result) {
  return result.at("baseline").at("profile").at("gpu_roofs");
}

Json page_roofs(const Json& result) {
  if (gpu_roofs(result).is_object()) {
    return roofs_of(gpu_roofs(result),
                    {{"single precision", "fp32_flops"},
                     {"half precision", "fp16_flops"},
                     {"tensor cores", "tensor_flops"}},
                    {{"L2", "cache_read_bytes_per_s"}, {"memory", "copy_bytes_per_s"}});
  }
  return roofs_of(result.at("roofs"), {{"single precision", "fp32_flops"}},
                  {{"L1", "l1_bytes_per_s"},
                   {"L2", "l2_bytes_per_s"},
                   {"L3", "l3_bytes_per_s"},
                   {"DRAM", "dram_bytes_per_s"}});
}

}  // namespace nitro::report
