#include "cuda/roofs.h"

#include <array>
#include <cmath>

namespace nitro::cuda {
namespace {

struct Ceiling {
  std::string_view key;
  double GpuRoofs::*member;
  bool everywhere;  // every GPU has it
};

constexpr std::array kCeilings = {
    Ceiling{"copy_bytes_per_s", &GpuRoofs::copy_bytes_per_s, true},
    Ceiling{"cache_copy_bytes_per_s", &GpuRoofs::cache_copy_bytes_per_s, false},
    Ceiling{"cache_read_bytes_per_s", &GpuRoofs::cache_read_bytes_per_s, false},
    Ceiling{"fp32_flops", &GpuRoofs::fp32_flops, true},
    Ceiling{"fp16_flops", &GpuRoofs::fp16_flops, false},
    Ceiling{"tensor_flops", &GpuRoofs::tensor_flops, false},
    Ceiling{"int8_flops", &GpuRoofs::int8_flops, false},
    Ceiling{"tensor_int8_flops", &GpuRoofs::tensor_int8_flops, false},
    Ceiling{"launch_ns", &GpuRoofs::launch_ns, true},
    Ceiling{"step_ns", &GpuRoofs::step_ns, true},
};

}  // namespace

Json to_json(const GpuRoofs& roofs) {
  Json json = Json::object();
  json["cache_bytes"] = roofs.cache_bytes;
  for (const Ceiling& ceiling : kCeilings) json[ceiling.key] = roofs.*ceiling.member;
  return json;
}

Result<GpuRoofs> gpu_roofs_from_json(const Json& json) {
  GpuRoofs roofs;
  for (const Ceiling& ceiling : kCeilings) {
    const double value = json.at(ceiling.key).as_number(-1);
    if (!std::isfinite(value) || value < 0 || (ceiling.everywhere && value == 0)) {
      return fail(ErrorCode::kBadFile, "roofs of a GPU without a possible '{}'", ceiling.key);
    }
    roofs.*ceiling.member = value;
  }
  roofs.cache_bytes = json.at("cache_bytes").as_integer(-1);
  const bool cached = roofs.cache_bytes > 0;
  if (roofs.cache_bytes < 0 || cached != (roofs.cache_copy_bytes_per_s > 0) ||
      cached != (roofs.cache_read_bytes_per_s > 0)) {
    return fail(ErrorCode::kBadFile, "roofs of a GPU without a possible 'cache_bytes'");
  }
  return roofs;
}

}  // namespace nitro::cuda
