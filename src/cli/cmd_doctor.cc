#include <algorithm>

#include "base/version.h"
#include "cli/profile_text.h"
#include "cli/verbs.h"
#include "measure/environment.h"
#include "runner/doctor.h"

namespace nitro::cli {
namespace {

class Doctor final : public Verb {
 public:
  void declare(Arguments& arguments) override {
    arguments.option("--python", "The Python for backends that are Python packages", python_);
    arguments.option("--device", "A board to try too: ssh://user@host", board_);
  }

  Result<int> run(Console& console) override {
    console.phase("starting each runner");
    runner::StartOptions options;
    options.python = python_;
    options.board = board_;
    const std::vector<runner::Finding> findings = runner::examine_runners(options);
    const measure::Environment environment = measure::read_environment();
    Json document = Json::object();
    document["nitro_version"] = kVersion;
    document["runners"] = runner::to_json(findings);
    document["environment"] = measure::to_json(environment);
    document["quality_notes"] = measure::to_json(measure::quality_notes(environment));
    console.document(document);
    console.text(runner::text(findings));
    console.text(quality_notes_text(document, console.width()));
    return std::ranges::any_of(findings, &runner::Finding::works)
               ? 0
               : exit_code(ErrorCode::kEnvironment);
  }

 private:
  std::filesystem::path python_;
  std::string board_;
};

}  // namespace

std::unique_ptr<Verb> make_doctor() { return std::make_unique<Doctor>(); }

}  // namespace nitro::cli
