#include "search/optuna_sampler.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "runner/find_python.h"

namespace nitro::search {
namespace {

/// A storage may be at the other end of a network, and a study long.
constexpr std::chrono::minutes kPatience{5};
constexpr size_t kMaxLineBytes = size_t{256} << 20;

Error reported(const Json& reply) {
  constexpr std::array kCodes = {ErrorCode::kUsage, ErrorCode::kEnvironment,
                                 ErrorCode::kOutOfMemory};
  const Json& json = reply.at("error");
  Error error{ErrorCode::kRunnerFailed,
              display(json.at("message").as_string(), 500),
              {"sampler"},
              display(json.at("hint").as_string(), 500)};
  for (ErrorCode code : kCodes)
    if (name(code) == json.at("code").as_string()) error.code = code;
  return error;
}

}  // namespace

Result<OptunaSampler> OptunaSampler::start(const std::filesystem::path& python,
                                           std::string storage) {
  const std::filesystem::path package = TRY(runner::find_package_folder());
  return start(runner::Command{{runner::find_python(python).native(), "-m", "nitro.sampler"},
                               {{"PYTHONPATH", package.native()}}},
               std::move(storage));
}

Result<OptunaSampler> OptunaSampler::start(const runner::Command& command, std::string storage) {
  return OptunaSampler(TRY(runner::Subprocess::start(command)), std::move(storage));
}

Result<OpenedStudy> OptunaSampler::open(const Study& study) {
  dimensions_ = study.dimensions;
  Json dimensions = Json::array();
  for (const Dimension& dimension : dimensions_) dimensions.push_back(to_json(dimension));
  const Json reply =
      TRY(request("open", Json::object({{"storage", storage_},
                                        {"study", study.name},
                                        {"sampler", study.sampler},
                                        {"seed", static_cast<int64_t>(study.seed)},
                                        {"objectives", Json::array_of(study.objectives)},
                                        {"dimensions", std::move(dimensions)},
                                        {"identity", study.identity},
                                        {"resume", study.resume}})));
  OpenedStudy opened{reply.at("optuna").as_string()};
  opened.again = reply.at("again").as_integer();
  if (opened.version.empty() || !reply.at("trials").is_array())
    return give_up("open", "gave no version or no trials");
  for (const Json& trial : reply.at("trials").items()) {
    if (!trial.at("number").is_integer()) return give_up("open", "gave a trial without a number");
    Point point = TRY(point_from_json(trial.at("parameters"), dimensions_));
    opened.trials.push_back(
        {trial.at("number").as_integer(), std::move(point), trial.at("attributes")});
  }
  return opened;
}

Result<void> OptunaSampler::enqueue(const Point& point, const Json& attributes) {
  TRY(request("enqueue", Json::object({{"parameters", to_json(point, dimensions_)},
                                       {"attributes", attributes}})));
  return {};
}

Result<Proposal> OptunaSampler::ask() {
  const Json reply = TRY(request("ask", Json::object()));
  if (!reply.at("number").is_integer() || !reply.at("parameters").is_object())
    return give_up("ask", "proposed nothing");
  Point point = TRY(point_from_json(reply.at("parameters"), dimensions_));
  return Proposal{reply.at("number").as_integer(), std::move(point), reply.at("attributes")};
}

Result<void> OptunaSampler::tell(int64_t number, const Outcome& outcome) {
  Json constraints = Json::object();
  for (const auto& [name, value] : outcome.constraints) constraints[name] = value;
  TRY(request("tell", Json::object({{"number", number},
                                    {"state", outcome.values.empty() ? "failed" : "complete"},
                                    {"values", Json::array_of(outcome.values)},
                                    {"constraints", std::move(constraints)},
                                    {"attributes", outcome.attributes}})));
  return {};
}

Result<void> OptunaSampler::close() {
  TRY(request("close", Json::object()));
  process_.wait(runner::Clock::now() + std::chrono::seconds(5));
  process_.kill_and_reap();
  return {};
}

Result<Json> OptunaSampler::request(std::string_view verb, Json members) {
  Json message = Json::object({{"id", next_id_}, {"verb", verb}});
  for (const auto& [key, value] : members.members()) message[key] = value;
  const auto deadline = runner::Clock::now() + kPatience;
  // A failed write shows below: the stream is at its end, or nothing comes.
  process_.write_line(message.dump(), deadline);
  const auto read = process_.read_line(deadline, kMaxLineBytes);
  if (read.end == runner::Subprocess::ReadEnd::kTimeout) return give_up(verb, "did not answer");
  if (read.end != runner::Subprocess::ReadEnd::kLine) return give_up(verb, "ended");
  const Result<Json> reply = Json::parse(read.line);
  if (!reply || !reply->is_object() || !reply->at("ok").is_bool())
    return give_up(verb, fmt::format("sent a line that is no reply: '{}'", display(read.line, 80)));
  if (reply->at("id") != Json(next_id_)) return give_up(verb, "answered another request");
  ++next_id_;
  if (!reply->at("ok").as_bool()) return std::unexpected(reported(*reply));
  return *reply;
}

std::unexpected<Error> OptunaSampler::give_up(std::string_view verb, std::string_view problem) {
  process_.wait(runner::Clock::now() + std::chrono::milliseconds(500));
  process_.kill_and_reap();
  std::string message = fmt::format("the sampler {} at '{}'", problem, verb);
  if (!process_.stderr_tail().empty())
    message += "; its last words: " + display(process_.stderr_tail(), 400);
  return fail_with_hint(ErrorCode::kRunnerFailed, std::move(message),
                        "what was told is kept: go on by --resume");
}

}  // namespace nitro::search
