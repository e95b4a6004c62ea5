#include "cli/written_plan.h"

#include "base/sha256.h"
#include "base/text.h"
#include "cli/output_file.h"
#include "report/format.h"

namespace nitro::cli {

Result<void> write_plan_file(Console& console, const plan::PlanFile& file,
                             const std::filesystem::path& path, bool force) {
  if (path == "-" && console.json()) {
    return fail(ErrorCode::kUsage, "--json and -o - both want standard output");
  }
  const plan::EncodedPlan encoded = TRY(plan::encode_plan(file));
  TRY(write_output(console, path, encoded.pieces(), force));
  if (path == "-") return {};
  size_t bytes = 0;
  Sha256 hash;
  for (std::string_view piece : encoded.pieces()) {
    hash.add(piece);
    bytes += piece.size();
  }
  Json json = Json::object();
  json["file"] = path.native();
  json["sha256"] = to_hex(hash.finish());
  json["bytes"] = bytes;
  json["steps"] = file.plan.steps.size();
  json["precision"] = file.plan.precision == plan::Precision::kF16 ? "f16" : "f32";
  json["arena_bytes"] = file.plan.arena_bytes;
  json["constant_bytes"] = file.plan.constant_bytes;
  console.document(json);
  console.text(fmt::format("wrote {}: {} steps, {} of constants, {} of memory between them, {}\n",
                           display(path.native()), file.plan.steps.size(),
                           report::quantity(static_cast<double>(file.plan.constant_bytes), "B"),
                           report::quantity(static_cast<double>(file.plan.arena_bytes), "B"),
                           report::quantity(static_cast<double>(bytes), "B")));
  return {};
}

}  // namespace nitro::cli
