#include "cli/table.h"
#include "cli/verbs.h"
#include "passes/pass.h"

namespace nitro::cli {
namespace {

class Passes final : public Verb {
 public:
  void declare(Arguments&) override {}

  Result<int> run(Console& console) override {
    Table table(
        {{"PASS"}, {"KIND"}, {"SUMMARY", Align::kLeft, true}, {"PARAMETERS", Align::kLeft, true}});
    Json list = Json::array();
    for (const passes::Pass& pass : passes::all_passes()) {
      table.add({std::string(pass.name), std::string(name(pass.kind)), std::string(pass.summary),
                 std::string(pass.parameters)});
      list.push_back(Json::object({{"name", pass.name},
                                   {"kind", name(pass.kind)},
                                   {"summary", pass.summary},
                                   {"parameters", pass.parameters}}));
    }
    console.text(table.text());
    console.document(Json::object({{"passes", std::move(list)}}));
    return 0;
  }
};

}  // namespace

std::unique_ptr<Verb> make_passes() { return std::make_unique<Passes>(); }

}  // namespace nitro::cli
