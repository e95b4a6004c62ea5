#include <algorithm>

#include "base/text.h"
#include "cli/interrupt.h"
#include "cli/optimize_text.h"
#include "cli/search_subject.h"
#include "cli/search_text.h"
#include "cli/verbs.h"
#include "optimize/optimize.h"
#include "runner/find_python.h"
#include "search/fleet.h"
#include "search/optuna_sampler.h"

namespace nitro::cli {
namespace {

/// The nearest to the limits, for an error.
std::string nearest(const search::Found& found, const search::SearchOptions& options) {
  const search::Trial* best = nullptr;
  for (const search::Trial& trial : found.trials) {
    if (trial.quality.empty()) continue;
    if (!best || search::worst_loss(trial.quality) < search::worst_loss(best->quality))
      best = &trial;
  }
  if (!best) return "";
  return fmt::format("; trial {} lost least, {:.2f} points: {}", best->number,
                     100 * search::worst_loss(best->quality),
                     display(search::description(options.space, best->point), 200));
}

/// A worker of the search that `words`, the command line, begin.
std::vector<std::string> worker_command(const std::vector<std::string>& words) {
  std::vector<std::string> command = {runner::executable().native()};
  for (size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--json") continue;
    command.push_back(words[i]);
    if (command.size() == 2) command.emplace_back("worker");  // after the verb
  }
  return command;
}

class Search final : public Verb {
 public:
  void declare(Arguments& arguments) override { subject_.declare(arguments); }

  Result<int> run(Console& console) override {
    TRY(subject_.open(console));
    optimize::OptimizeOptions& final = subject_.final();
    final.test_set = TRY(subject_.judging_images());
    auto sampler = TRY(search::OptunaSampler::start(final.setup.python, subject_.storage()));
    std::optional<search::Fleet> fleet;
    if (const std::string& address = subject_.arguments().fleet(); !address.empty())
      fleet.emplace(TRY(search::Fleet::start(final.setup.python, address)));
    const search::EvaluatorOptions measuring = subject_.measuring();
    auto evaluator = TRY(search::ModelEvaluator::start(measuring));
    subject_.complete(evaluator);
    const search::SearchOptions& options = subject_.options();
    if (fleet) TRY(open(*fleet, console, evaluator));
    const search::Found found = TRY(fleet ? search::search(options, evaluator, sampler, *fleet)
                                          : search::search(options, evaluator, sampler));
    if (found.ended_by == "interrupted") return ended_early(console, found);
    if (!found.winner) {
      return fail_with_hint(
          ErrorCode::kCheckFailed,
          fmt::format("none of {} recipes keeps the limits{}", found.trials.size(),
                      nearest(found, options)),
          "go on by --resume with more --trials, or begin anew with looser limits");
    }
    Json record = search::to_json(found, options);
    record["storage"] = subject_.storage();
    record["scenes"] = Json::object({{"few", std::min(measuring.few, evaluator.scenes())},
                                     {"all", evaluator.scenes()},
                                     {"judged_by_others", subject_.has_judging_images()}});
    record["original"] = search::to_json(TRY(evaluator.original_quality()));
    const auto recipe =
        TRY(search::recipe_of(options.space, found.winner->point, options.standard));
    final.recipe = TRY(evaluator.make(recipe)).recipe;
    return finish(console, final, std::move(record));
  }

 private:
  Result<void> open(search::Fleet& fleet, Console& console,
                    const search::ModelEvaluator& evaluator) {
    console.phase("connecting to the fleet");
    const std::optional<double> original = evaluator.original_ns();
    const search::SearchOptions& options = subject_.options();
    return fleet.open({worker_command(console.command()),
                       Json::object({{"identity", options.study.identity},
                                     {"versions", options.versions},
                                     {"original_ns", original ? Json(*original) : Json()}}),
                       [&](const std::string& note) { console.note("fleet: " + note); }});
  }

  Result<int> ended_early(Console& console, const search::Found& found) const {
    console.note(fmt::format("interrupted: {} trials are kept in {}; go on by --resume",
                             found.trials.size(), display(subject_.storage(), 200)));
    return interrupt_exit_code();
  }

  Result<int> finish(Console& console, const optimize::OptimizeOptions& options,
                     Json record) const {
    optimize::Optimized optimized = TRY(optimize::optimize(options));
    optimized.result["search"] = std::move(record);
    TRY(write_file_atomic(optimized.files.result, optimized.result.dump(1) + "\n"));
    return subject_.frame().finish(console, optimized,
                                   optimize_text(optimized.result, console.width()) +
                                       search_text(optimized.result.at("search"), console.width()));
  }

  SearchSubject subject_;
};

}  // namespace

std::unique_ptr<Verb> make_search() { return std::make_unique<Search>(); }

}  // namespace nitro::cli
