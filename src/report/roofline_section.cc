#include <fmt/core.h>

#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {

std::string roofline_section(const Json& result) {
  const Json& roofs = result.at("roofs");
  if (!roofs.is_object()) return "";
  return fmt::format(R"(<section id="roofline-section">
<h2>Under the roofs of this machine</h2>
<p class="hint">Measured here with {} threads: {} in single precision, {} from memory, {} to start a node.
A layer below its roof has something to gain; the size of a mark is its time.</p>
<div id="roofline" class="chart needs-script"></div>
<noscript><p class="hint">The chart needs JavaScript; the table of layers has the same numbers.</p></noscript>
</section>
)",
                     roofs.at("threads").as_integer(), quantity(roofs.at("fp32_flops"), "FLOP/s"),
                     quantity(roofs.at("dram_bytes_per_s"), "B/s"),
                     duration(roofs.at("dispatch_ns")));
}

}  // namespace nitro::report
