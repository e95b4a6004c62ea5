#include <fmt/core.h>

#include "report/format.h"
#include "report/page_roofs.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

std::string of_processor(const Json& roofs) {
  return fmt::format("with {} threads: {} in single precision, {} from memory, {} to start a node",
                     roofs.at("threads").as_integer(), quantity(roofs.at("fp32_flops"), "FLOP/s"),
                     quantity(roofs.at("dram_bytes_per_s"), "B/s"),
                     duration(roofs.at("dispatch_ns")));
}

std::string of_gpu(const Json& roofs) {
  return fmt::format(
      "on the GPU: {} on tensor cores, {} in half and {} in single precision, {} for a copy in its "
      "memory, {} for one more empty kernel, {} for the smallest step",
      quantity(roofs.at("tensor_flops"), "FLOP/s"), quantity(roofs.at("fp16_flops"), "FLOP/s"),
      quantity(roofs.at("fp32_flops"), "FLOP/s"), quantity(roofs.at("copy_bytes_per_s"), "B/s"),
      duration(roofs.at("launch_ns")), duration(roofs.at("step_ns")));
}

}  // namespace

std::string roofline_section(const Json& result) {
  const Json& gpu = gpu_roofs(result);
  const Json& processor = result.at("roofs");
  if (!gpu.is_object() && !processor.is_object()) return "";
  return fmt::format(R"(<section id="roofline-section">
<h2>Under the roofs of this machine</h2>
<p class="hint">Measured here {}.
A layer below its roof has something to gain; the size of a mark is its time.</p>
<div id="roofline" class="chart needs-script"></div>
<noscript><p class="hint">The chart needs JavaScript; the table of layers has the same numbers.</p></noscript>
</section>
)",
                     gpu.is_object() ? of_gpu(gpu) : of_processor(processor));
}

}  // namespace nitro::report
