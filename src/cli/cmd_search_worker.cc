#include "base/text.h"
#include "cli/search_subject.h"
#include "cli/verbs.h"
#include "runner/server.h"
#include "search/trial_request.h"

namespace nitro::cli {
namespace {

/// Measures trials for `nitro search --fleet`, by the same words. python/nitro/fleet/__main__.py
/// has the protocol.
class SearchWorker final : public Verb {
 public:
  void declare(Arguments& arguments) override { subject_.declare(arguments); }

  Result<int> run(Console& console) override {
    return runner::serve([&](std::string_view verb, const Json& request) -> Result<Json> {
      if (verb == "open") return open(console, request);
      if (verb != "try") return fail(ErrorCode::kUsage, "unknown verb '{}'", display(verb, 40));
      if (!evaluator_) return fail(ErrorCode::kUsage, "open comes first");
      const auto trial =
          TRY(search::requested_trial(request, subject_.options().limits, *evaluator_));
      return Json::object({{"trial", search::to_json(trial)}});
    });
  }

 private:
  Result<Json> open(Console& console, const Json& request) {
    if (evaluator_) return fail(ErrorCode::kUsage, "it is open already");
    TRY(subject_.open(console));
    if (const std::string& board = request.at("board").as_string(); !board.empty())
      TRY(move_to(board));
    search::EvaluatorOptions measuring = subject_.measuring();
    if (request.contains("original_ns"))
      measuring.original_ns = request.at("original_ns").as_number();
    auto evaluator = TRY(search::ModelEvaluator::start(std::move(measuring)));
    subject_.complete(evaluator);
    TRY(check_same(request));
    evaluator_.emplace(std::move(evaluator));
    const std::optional<double> original = evaluator_->original_ns();
    return Json::object({{"original_ns", original ? Json(*original) : Json()}});
  }

  Result<void> move_to(const std::string& board) {
    if (!subject_.final().setup.board.empty()) {
      subject_.final().setup.board = board;
      return {};
    }
    return fail_with_hint(
        ErrorCode::kUsage,
        fmt::format("{} is a board, and the search is not of one", display(board, 80)),
        "give the search such a board, too: --device ssh://user@host");
  }

  /// That program, model and images are those of the search.
  Result<void> check_same(const Json& request) {
    const search::SearchOptions& options = subject_.options();
    const auto check = [&](const Json& here, std::string_view member, std::string_view key,
                           const std::string& what) -> Result<void> {
      if (here.at(key) == request.at(member).at(key)) return {};
      return fail_with_hint(ErrorCode::kUsage,
                            display(what, 200) + " on this machine is another than at the search",
                            "share its folder, or copy it as it is");
    };
    TRY(check(options.versions, "versions", "nitro_version", "nitro"));
    TRY(check(options.study.identity, "identity", "model_sha256", subject_.final().source));
    return check(options.study.identity, "identity", "data_sha256",
                 subject_.measuring().images.source.native());
  }

  SearchSubject subject_;
  std::optional<search::ModelEvaluator> evaluator_;
};

}  // namespace

std::unique_ptr<Verb> make_search_worker() { return std::make_unique<SearchWorker>(); }

}  // namespace nitro::cli
