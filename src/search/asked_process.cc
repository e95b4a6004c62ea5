#include "search/asked_process.h"

#include <array>

#include "base/text.h"
#include "runner/find_python.h"

namespace nitro::search {
namespace {

/// What it works with may be at the other end of a network.
constexpr std::chrono::minutes kPatience{5};
constexpr size_t kMaxLineBytes = size_t{256} << 20;

Error reported(const Json& reply, const std::string& name) {
  constexpr std::array kCodes = {ErrorCode::kUsage, ErrorCode::kEnvironment,
                                 ErrorCode::kOutOfMemory};
  const Json& json = reply.at("error");
  Error error{ErrorCode::kRunnerFailed,
              display(json.at("message").as_string(), 2000),
              {name},
              display(json.at("hint").as_string(), 500)};
  for (ErrorCode code : kCodes)
    if (nitro::name(code) == json.at("code").as_string()) error.code = code;
  return error;
}

}  // namespace

Result<AskedProcess> AskedProcess::start(const std::filesystem::path& python,
                                         const std::string& module) {
  const std::filesystem::path package = TRY(runner::find_package_folder());
  return start(runner::Command{{runner::find_python(python).native(), "-m", module},
                               {{"PYTHONPATH", package.native()}}},
               module.substr(module.rfind('.') + 1));
}

Result<AskedProcess> AskedProcess::start(const runner::Command& command, std::string name) {
  return AskedProcess(TRY(runner::Subprocess::start(command)), std::move(name));
}

Result<Json> AskedProcess::request(std::string_view verb, Json members) {
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
  if (!reply->at("ok").as_bool()) return std::unexpected(reported(*reply, name_));
  return *reply;
}

std::unexpected<Error> AskedProcess::give_up(std::string_view verb, std::string_view problem) {
  process_.wait(runner::Clock::now() + std::chrono::milliseconds(500));
  process_.kill_and_reap();
  std::string message = fmt::format("the {} {} at '{}'", name_, problem, verb);
  if (!process_.stderr_tail().empty())
    message += "; its last words: " + display(process_.stderr_tail(), 400);
  return fail_with_hint(ErrorCode::kRunnerFailed, std::move(message),
                        "what was told is kept: go on by --resume");
}

void AskedProcess::end() {
  process_.wait(runner::Clock::now() + std::chrono::seconds(5));
  process_.kill_and_reap();
}

}  // namespace nitro::search
