#include "cli/table.h"
#include "cli/verbs.h"
#include "zoo/zoo.h"

namespace nitro::cli {
namespace {

class ZooList final : public Verb {
 public:
  void declare(Arguments&) override {}

  Result<int> run(Console& console) override {
    Table table({{"NAME"}, {"SUMMARY", Align::kLeft, true}});
    Json models = Json::array();
    for (const zoo::Entry& entry : zoo::entries()) {
      table.add({std::string(entry.name), std::string(entry.summary)});
      models.push_back(Json::object({{"name", entry.name}, {"summary", entry.summary}}));
    }
    console.text(table.text());
    console.document(Json::object({{"models", std::move(models)}}));
    return 0;
  }
};

}  // namespace

std::unique_ptr<Verb> make_zoo_list() { return std::make_unique<ZooList>(); }

}  // namespace nitro::cli
