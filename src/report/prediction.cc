#include <fmt/core.h>

#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

std::string row(std::string_view label, const Json& frame) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>\n", label,
                     duration(frame.at("total_ns")),
                     interval(frame.at("low_ns"), frame.at("high_ns")));
}

}  // namespace

std::string prediction_section(const Json& result) {
  const Json& prediction = result.at("prediction");
  if (!prediction.is_object()) return "";
  const Json& before = prediction.at("baseline");
  const Json& after = prediction.at("optimized");
  const double after_ns = after.at("total_ns").as_number();
  const double gain = after_ns > 0 ? before.at("total_ns").as_number() / after_ns : 1;
  return fmt::format(R"(<section id="prediction">
<h2>Predicted on {}: {}</h2>
<p class="hint">Not measured: a frame by {} in {}, {}. The interval is made to hold 9 of 10 networks.</p>
<div class="table-frame whole"><table>
<thead><tr><th scope="col"></th><th scope="col">Frame</th><th scope="col">Interval</th></tr></thead>
<tbody>
{}{}</tbody></table></div>
</section>
)",
                     text(prediction.at("device_title").as_string(), 60), speedup(Json(gain)),
                     text(prediction.at("runtime").as_string(), 40),
                     text(prediction.at("precision").as_string(), 10),
                     text(prediction.at("fitted_to").as_string(), 400), row("Baseline", before),
                     row("Optimised", after));
}

}  // namespace nitro::report
