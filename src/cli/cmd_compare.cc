#include <algorithm>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/text.h"
#include "cli/module_work.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "report/document.h"

namespace nitro::cli {
namespace {

/// One module of both results; a time is nothing where that side lacks it.
struct ModuleRow {
  std::string path;
  std::optional<double> old_ns;
  std::optional<double> new_ns;
};

Result<Json> read_result(const std::string& path) {
  const std::string text = TRY(read_file(path));
  Json result = TRY(in_context(Json::parse(text), display(path)));
  TRY(in_context(report::check_document(result), display(path)));
  return result;
}

/// What a result says last: the optimised model, or the baseline where there is none.
const Json& measured(const Json& result) { return report::shown_model(result); }

std::vector<ModuleRow> rows_of(const Json& old_model, const Json& new_model, size_t depth) {
  std::vector<ModuleRow> rows;
  std::map<std::string, size_t> places;
  const auto add = [&](const Json& model, std::optional<double> ModuleRow::* side) {
    for (const Json& module : model.at("profile").at("modules").items()) {
      const std::string& path = module.at("path").as_string();
      if (module_depth(path) > depth) continue;
      const auto [place, first] = places.try_emplace(path, rows.size());
      if (first) rows.push_back({path, {}, {}});
      rows[place->second].*side = module.at("time_ns").as_number();
    }
  };
  add(old_model, &ModuleRow::old_ns);
  add(new_model, &ModuleRow::new_ns);
  return rows;
}

Json or_null(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

std::string milliseconds(const std::optional<double>& ns) {
  return ns ? fmt::format("{:.3f}", *ns / 1e6) : "–";
}

std::optional<double> speedup(const ModuleRow& row) {
  if (!row.old_ns || !row.new_ns || *row.new_ns <= 0) return {};
  return *row.old_ns / *row.new_ns;
}

class Compare final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.positional("OLD", "A result of `nitro profile` or `nitro optimize`", old_);
    arguments.positional("NEW", "The result to set against it", new_);
    arguments.option("--depth", "Levels of the module tree (default 2)", depth_, 0);
    arguments.option("--min-speedup", "Exit code 1 where the speedup is below this", min_speedup_,
                     0);
  }

  Result<int> run(Console& console) override {
    const Json old_result = TRY(read_result(old_));
    const Json new_result = TRY(read_result(new_));
    const Json& old_model = measured(old_result);
    const Json& new_model = measured(new_result);
    const double old_ns = old_model.at("summary").at("median_ns").as_number();
    const double new_ns = new_model.at("summary").at("median_ns").as_number();
    if (old_ns <= 0 || new_ns <= 0) {
      return fail(ErrorCode::kBadFile, "a result lacks its end-to-end time");
    }
    const double factor = old_ns / new_ns;
    const auto rows = rows_of(old_model, new_model, static_cast<size_t>(depth_));
    const bool same_machine = old_result.at("environment").at("cpu").as_string() ==
                              new_result.at("environment").at("cpu").as_string();
    Json document = Json::object();
    document["old_ns"] = old_ns;
    document["new_ns"] = new_ns;
    document["speedup"] = factor;
    document["same_machine"] = same_machine;
    document["modules"] = modules_json(rows);
    console.document(document);
    console.text(fmt::format("old {:.3f} ms, new {:.3f} ms: {:.3f}x\n\n", old_ns / 1e6,
                             new_ns / 1e6, factor) +
                 modules_table(rows));
    console.note("each side was measured alone: for a verdict with an interval use nitro optimize");
    if (!same_machine) console.note("warning: the results are of different processors");
    return factor >= min_speedup_ ? 0 : failed(console, factor);
  }

 private:
  int failed(Console& console, double factor) const {
    console.note(fmt::format("check failed: {:.3f}x is below {:.3f}x", factor, min_speedup_));
    return exit_code(ErrorCode::kCheckFailed);
  }

  static Json modules_json(const std::vector<ModuleRow>& rows) {
    Json list = Json::array();
    for (const ModuleRow& row : rows) {
      list.push_back(Json::object({{"path", row.path},
                                   {"old_ns", or_null(row.old_ns)},
                                   {"new_ns", or_null(row.new_ns)},
                                   {"speedup", or_null(speedup(row))}}));
    }
    return list;
  }

  static std::string modules_table(const std::vector<ModuleRow>& rows) {
    Table table({{"MODULE", Align::kLeft, true},
                 {"OLD MS", Align::kRight},
                 {"NEW MS", Align::kRight},
                 {"SPEEDUP", Align::kRight}});
    for (const ModuleRow& row : rows) {
      const auto factor = speedup(row);
      table.add({std::string(2 * module_depth(row.path), ' ') +
                     (row.path.empty() ? "(all layers)" : row.path),
                 milliseconds(row.old_ns), milliseconds(row.new_ns),
                 factor ? fmt::format("{:.3f}x", *factor) : "–"});
    }
    return table.text();
  }

  std::string old_;
  std::string new_;
  int64_t depth_ = 2;
  double min_speedup_ = 0;
};

}  // namespace

std::unique_ptr<Verb> make_compare() { return std::make_unique<Compare>(); }

}  // namespace nitro::cli
