#include "cuda/kernel_counters.h"

#include <array>
#include <cmath>

namespace nitro::cuda {
namespace {

struct Member {
  std::string_view key;
  std::optional<double> KernelCounters::*member;
};
constexpr std::array kMembers = {
    Member{"memory_bytes", &KernelCounters::memory_bytes},
    Member{"cache_bytes", &KernelCounters::cache_bytes},
    Member{"issue_share", &KernelCounters::issue_share},
    Member{"tensor_share", &KernelCounters::tensor_share},
    Member{"warp_share", &KernelCounters::warp_share},
};

}  // namespace

Json to_json(const KernelCounters& counters) {
  Json json = Json::object();
  for (const Member& each : kMembers) {
    if (const auto& value = counters.*each.member) json[each.key] = *value;
  }
  return json;
}

Result<KernelCounters> kernel_counters_from_json(const Json& json) {
  KernelCounters counters;
  for (const Member& each : kMembers) {
    if (!json.contains(each.key)) continue;
    const double value = json.at(each.key).as_number(-1);
    if (!std::isfinite(value) || value < 0) {
      return fail(ErrorCode::kBadFile, "counters without a possible '{}'", each.key);
    }
    counters.*each.member = value;
  }
  return counters;
}

}  // namespace nitro::cuda
