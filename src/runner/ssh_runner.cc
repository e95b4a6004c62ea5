#include "runner/ssh_runner.h"

#include <array>
#include <cstdlib>
#include <thread>

#include "base/shell_line.h"
#include "base/text.h"
#include "plan/plan_file.h"
#include "runner/clocks.h"
#include "runner/fields.h"
#include "runner/model_plan.h"
#include "runner/server.h"
#include "runner/wanted_precision.h"

namespace nitro::runner {
namespace {

/// Whether a connection ended, or could not be made for a reason that may pass.
bool is_lost(const Error& error) { return error.message.contains("cannot be reached"); }

/// An error that the agent replied, as one of ours; else the reply.
Result<Json> checked(Json reply) {
  if (reply.at("ok").is_bool() && reply.at("ok").as_bool()) return reply;
  Error error = TRY(parse_error(reply));
  return std::unexpected(std::move(error));
}

/// The reply without what belongs to the message that carried it.
Json members_of(const Json& reply) {
  Json members = Json::object();
  for (const auto& [key, value] : reply.members()) {
    if (key != "id" && key != "ok") members[key] = value;
  }
  return members;
}

}  // namespace

Result<Json> SshRunner::answer(std::string_view verb, const Json& request) {
  if (verb == "hello") return hello(request);
  if (verb == "load") return load(request);
  if (verb == "run") return run(request);
  if (verb == "unload") return unload(request);
  if (verb == "clocks") return clocks(request);
  if (verb == "time" || verb == "profile") {
    forget_stop();
    return members_of(TRY(ask(verb, [&] { return there(request); })));
  }
  return fail(ErrorCode::kRunnerFailed, "the verb '{}' is not known", display(verb, 40));
}

Result<Json> SshRunner::hello(const Json& request) {
  scratch_ = TRY(text_field(request, "scratch"));
  const char* address = std::getenv("NITRO_SSH");
  if (address == nullptr || *address == '\0') {
    return fail_with_hint(ErrorCode::kEnvironment, "no board is named",
                          "name one: --device ssh://user@host");
  }
  host_.emplace(TRY(SshHost::create(TRY(parse_ssh_address(address)))));
  const std::string machine = TRY(host_->run("uname -m"));
  agent_ = TRY(find_agent(machine.substr(0, machine.find('\n'))));
  Json reply = members_of(TRY(connect()));
  reply["environment"]["reached_by"] = host_->address().text();
  return reply;
}

Result<Json> SshRunner::connect() {
  const char* fixed = std::getenv("NITRO_LOCK_CLOCKS");
  const Clocks clocks = fixed != nullptr && *fixed != '\0' ? Clocks::kFixed : Clocks::kAsTheyAre;
  const std::string word = engine_ == BoardEngine::kTrtexec ? "trtexec" : "";
  uploads_.clear();
  session_.reset();
  TRY(end_lost_session());
  session_.emplace(TRY(AgentSession::start(*host_, agent_, clocks, word)));
  const auto prepare = [&]() -> Result<Json> {
    const Json reply =
        TRY(checked(TRY(session_->ask(*host_, "hello", hello_request(session_->folder())))));
    for (auto& [handle, model] : models_) {
      Json request = model.request;
      request["model"] = TRY(uploaded(model.file));
      const Json loaded = TRY(checked(TRY(session_->ask(*host_, "load", request))));
      model.there = TRY(integer_field(loaded, "handle", 0));
    }
    if (clocks_) TRY(checked(TRY(session_->ask(*host_, "clocks", *clocks_))));
    return reply;
  };
  Result<Json> reply = prepare();
  if (!reply) {  // a session has all models or is none
    lost_folder_ = session_->folder();
    session_.reset();
  }
  return reply;
}

Result<void> SshRunner::end_lost_session() {
  if (lost_folder_.empty()) return {};
  const std::string folder = shell_line(std::array{lost_folder_});
  TRY(host_->run(fmt::format(
      "kill $(cat {0}/pid 2>/dev/null) 2>/dev/null; n=0; "
      "while [ -d {0} ] && [ $n -lt 100 ]; do n=$((n+1)); sleep 0.1; done; [ ! -d {0} ]",
      folder)));
  lost_folder_.clear();
  return {};
}

Result<std::filesystem::path> SshRunner::file_of(const Json& request) {
  const std::filesystem::path model = TRY(text_field(request, "model"));
  if (engine_ == BoardEngine::kTrtexec) return model;
  const auto shapes = TRY(shapes_field(request));
  const plan::PlanFile plan{TRY(model_plan(model, TRY(wanted_precision()), shapes))};
  const std::filesystem::path file = scratch_ / fmt::format("model-{}.plan", next_file_++);
  TRY(plan::write_plan(file, plan));
  return file;
}

Result<Json> SshRunner::load(const Json& request) {
  Model model{TRY(file_of(request)), request};
  Json reply = TRY(ask("load", [&]() -> Result<Json> {
    Json there = model.request;
    there["model"] = TRY(uploaded(model.file));
    return there;
  }));
  model.there = TRY(integer_field(reply, "handle", 0));
  models_[next_handle_] = std::move(model);
  reply = members_of(reply);
  reply["handle"] = next_handle_++;
  return reply;
}

Result<Json> SshRunner::run(const Json& request) {
  const Json reply = TRY(ask(
      "run", [&] { return there(request); },
      [&](Json& answered) { return take_outputs(answered); }));
  return members_of(reply);
}

Result<void> SshRunner::take_outputs(Json& reply) {
  Json outputs = Json::object();
  std::string removing = "rm -f";
  for (const auto& [name, path] : reply.at("outputs").members()) {
    const std::filesystem::path local = scratch_ / fmt::format("out-{}.npy", next_file_++);
    TRY(host_->download(path.as_string(), local));
    outputs[name] = local.native();
    removing += " " + shell_line(std::array{path.as_string()});
  }
  TRY(host_->run(removing));
  reply["outputs"] = std::move(outputs);
  return {};
}

Result<Json> SshRunner::unload(const Json& request) {
  TRY(ask("unload", [&] { return there(request); }));
  const auto model = models_.find(TRY(integer_field(request, "handle", 0)));
  if (const auto copy = uploads_.extract(model->second.file))
    TRY(host_->run("rm -f " + shell_line(std::array{copy.mapped()})));
  std::error_code error;
  std::filesystem::remove(model->second.file, error);
  models_.erase(model);
  return Json::object();
}

Result<Json> SshRunner::clocks(const Json& request) {
  const Json reply = TRY(ask("clocks", [&]() -> Result<Json> { return request; }));
  const ClocksWanted wanted = TRY(parse_clocks_wanted(request));
  if (wanted.restore) clocks_.reset();
  if (wanted.gpu_hz || wanted.emc_hz) clocks_ = request;
  return members_of(reply);
}

Result<Json> SshRunner::ask(std::string_view verb, const Make& make, const Finish& finish) {
  Result<Json> reply = fail(ErrorCode::kInternal, "not asked");
  for (int attempt = 1; attempt <= kMostTries; ++attempt) {
    if (!session_) {
      std::this_thread::sleep_for(std::chrono::seconds(attempt - 1));
      if (const Result<Json> connected = connect(); !connected) {
        if (!is_lost(connected.error()) || stop_wanted()) return connected;
        reply = connected;
        continue;
      }
    }
    reply = make();
    if (reply) reply = session_->ask(*host_, verb, *reply);
    if (reply) reply = checked(std::move(*reply));
    if (reply && finish) {
      if (const Result<void> finished = finish(*reply); !finished)
        reply = std::unexpected(finished.error());
    }
    if (reply || !is_lost(reply.error()) || stop_wanted()) return reply;
    lost_folder_ = session_->folder();
    session_.reset();
  }
  return reply;
}

Result<Json> SshRunner::there(const Json& request) {
  Json translated = Json::object();
  for (const auto& [key, value] : request.members()) translated[key] = value;
  if (request.contains("handle")) translated = TRY(call_there(request));
  if (!request.contains("variants")) return translated;
  Json variants = Json::array();
  for (const Json& variant : request.at("variants").items()) {
    Json calls = Json::array();
    for (const Json& call : variant.at("calls").items()) calls.push_back(TRY(call_there(call)));
    variants.push_back(Json::object({{"calls", std::move(calls)}}));
  }
  translated["variants"] = std::move(variants);
  return translated;
}

Result<Json> SshRunner::call_there(const Json& call) {
  const auto model = models_.find(TRY(integer_field(call, "handle", 0)));
  if (model == models_.end()) return fail(ErrorCode::kRunnerFailed, "no model has this handle");
  Json translated = Json::object();
  for (const auto& [key, value] : call.members()) translated[key] = value;
  translated["handle"] = model->second.there;
  if (!call.contains("inputs")) return translated;
  Json inputs = Json::object();
  for (const auto& [name, path] : call.at("inputs").members())
    inputs[name] = TRY(uploaded(path.as_string()));
  translated["inputs"] = std::move(inputs);
  return translated;
}

Result<std::string> SshRunner::uploaded(const std::filesystem::path& file) {
  const auto known = uploads_.find(file);
  if (known != uploads_.end()) return known->second;
  const std::string remote =
      fmt::format("{}/file-{}{}", session_->folder(), uploads_.size(), file.extension().native());
  TRY(host_->upload(file, remote));
  return uploads_[file] = remote;
}

int serve_ssh() {
  SshRunner runner;
  return serve_runner(runner);
}

}  // namespace nitro::runner
