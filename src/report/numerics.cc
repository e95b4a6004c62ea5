#include <fmt/core.h>

#include "report/document.h"
#include "report/format.h"
#include "report/sections.h"

namespace nitro::report {
namespace {

std::string row(const Json& check, bool lossy) {
  const bool ok = check.at("ok").as_bool();
  const Json& cosine = check.at("cosine");
  const bool meant = !ok && lossy && cosine.is_number();
  return fmt::format(
      "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "<td><span class=\"mark {}\">{}</span></td></tr>\n",
      text(check.at("output").as_string(), 60), text(check.at("runner").as_string(), 40),
      text(check.at("input").as_string(), 20),
      cosine.is_number() ? fmt::format("{:.9f}", cosine.as_number()) : "not finite",
      check.at("max_abs").is_number() ? scientific(check.at("max_abs")) : "not finite",
      check.at("max_ulp").is_number()
          ? grouped(static_cast<int64_t>(check.at("max_ulp").as_number()))
          : "–",
      ok      ? "good"
      : meant ? ""
              : "bad",
      meant                              ? "changed, as meant"
      : !ok                              ? "✗ differs"
      : check.at("mistrusted").as_bool() ? "✓ equal, but constant"
                                         : "✓ equal");
}

}  // namespace

std::string numerics_section(const Json& result) {
  if (result.at("numerics").size() == 0) return "";
  const bool lossy = is_lossy(result);
  std::string rows;
  for (const Json& check : result.at("numerics").items()) rows += row(check, lossy);
  return fmt::format(R"(<section id="numerics">
<h2>{}</h2>
<p class="hint">Optimised against original outputs, on random, on natural, and on given inputs where there were some.</p>
<div class="table-frame whole"><table class="numerics">
<thead><tr><th scope="col">Output</th><th scope="col">Runner</th><th scope="col">Input</th><th scope="col">Cosine</th>
<th scope="col">Largest difference</th><th scope="col">ULP</th><th scope="col">Outcome</th></tr></thead>
<tbody>
{}</tbody></table></div>
</section>
)",
                     lossy ? "How far the outputs moved" : "The same answers", rows);
}

}  // namespace nitro::report
