#include "runner/client.h"

#include <algorithm>

#include "base/text.h"
#include "runner/npy.h"

namespace nitro::runner {
namespace {

constexpr size_t kLastWords = 600;
constexpr std::chrono::milliseconds kExitPatience{2'000};
/// Between two looks at whether the user interrupted: rare enough not to disturb what is timed.
constexpr std::chrono::milliseconds kLook{200};

/// The end of `tail`, on one line and safe for a terminal.
std::string last_words(std::string_view tail) {
  while (!tail.empty() && (tail.back() == '\n' || tail.back() == ' ')) tail.remove_suffix(1);
  if (tail.size() > kLastWords) tail.remove_prefix(tail.size() - kLastWords);
  std::string joined;
  for (const std::string_view line : split(tail, '\n')) {
    if (!line.empty()) joined += (joined.empty() ? "" : " | ") + std::string(line);
  }
  return display(joined, kLastWords);
}

bool fits(const Shape& shape, const ValueSpec& spec) {
  if (!spec.shape) return true;
  if (shape.size() != spec.shape->size()) return false;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const std::optional<int64_t> wanted = (*spec.shape)[axis];
    if (wanted && *wanted != shape[axis]) return false;
  }
  return true;
}

std::chrono::milliseconds sampling_limit(const TimeRules& rules, size_t variants) {
  const int64_t ns = rules.max_warmup_ns * static_cast<int64_t>(variants) + rules.max_ns;
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::nanoseconds(ns));
}

}  // namespace

Runner::Runner(std::string name, ScratchFolder scratch, std::unique_ptr<Subprocess> process,
               Patience patience)
    : name_(std::move(name)),
      scratch_(std::move(scratch)),
      process_(std::move(process)),
      patience_(patience) {}

Result<Runner> Runner::start(std::string name, const Command& command, Patience patience) {
  ScratchFolder scratch = TRY(ScratchFolder::create("nitro-run"));
  Command tidy = command;  // what its libraries leave in the temporary folder goes too
  tidy.environment.emplace_back("TMPDIR", scratch.path().native());
  auto process = std::make_unique<Subprocess>(TRY(Subprocess::start(tidy)));
  Runner runner(std::move(name), std::move(scratch), std::move(process), patience);
  const Json reply = TRY(runner.ask("hello", hello_request(runner.scratch()), patience.hello));
  runner.info_ = TRY(runner.believed("hello", parse_hello(reply)));
  return runner;
}

Result<LoadedModel> Runner::load(const std::filesystem::path& model, const LoadOptions& options) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(model, error);
  const Json reply =
      TRY(ask("load", load_request(error ? model : absolute, options), patience_.answer));
  LoadedModel loaded = TRY(believed("load", parse_load(reply)));
  models_[loaded.handle] = loaded;
  return loaded;
}

Result<StagedInputs> Runner::stage(const NamedTensors& tensors) {
  StagedInputs staged;
  for (const auto& [name, tensor] : tensors) {
    const std::filesystem::path path = scratch() / fmt::format("in-{}.npy", next_file_++);
    TRY(write_npy(path, tensor, Flush::kLater));
    staged[name] = path;
  }
  return staged;
}

void Runner::unstage(const StagedInputs& staged) {
  std::error_code error;
  for (const auto& [name, path] : staged) std::filesystem::remove(path, error);
}

Result<NamedTensors> Runner::run(const Call& call) {
  const Json reply = TRY(ask("run", run_request(call), patience_.answer));
  const StagedInputs paths = TRY(believed("run", parse_run(reply)));
  NamedTensors outputs;
  for (const ValueSpec& spec : models_[call.handle].outputs) {
    const auto found = paths.find(spec.name);
    if (found == paths.end()) {
      return give_up("run", fmt::format("did not return the output '{}'", display(spec.name)));
    }
    outputs[spec.name] = TRY(take_output(spec, found->second));
  }
  return outputs;
}

Result<Tensor> Runner::take_output(const ValueSpec& spec, const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::canonical(path.parent_path(), error);
  const bool inside = !error && folder == std::filesystem::canonical(scratch(), error) &&
                      !std::filesystem::is_symlink(path, error);
  if (!inside) {
    return give_up("run", fmt::format("put the output '{}' outside the scratch folder: '{}'",
                                      display(spec.name), display(path.native())));
  }
  Result<Tensor> tensor = read_npy(path);
  if (!tensor) {
    return give_up("run", fmt::format("wrote an unusable output '{}': {}", display(spec.name),
                                      tensor.error().text()));
  }
  std::filesystem::remove(path, error);
  if (tensor->dtype() != spec.dtype || !fits(tensor->shape(), spec)) {
    return give_up("run",
                   fmt::format("returned {} for the output '{}', which it had declared otherwise",
                               text(tensor->type()), display(spec.name)));
  }
  return tensor;
}

Result<TimeReply> Runner::time(const std::vector<Workload>& variants, const TimeRules& rules) {
  const auto patience = patience_.answer + sampling_limit(rules, variants.size());
  const Json reply = TRY(ask("time", time_request(variants, rules), patience));
  return believed("time", parse_time(reply, variants.size()));
}

Result<NodeProfile> Runner::profile(const Call& call, int64_t iterations, bool times_only) {
  const Json request = profile_request(call, iterations, times_only);
  const Json reply = TRY(ask("profile", request, patience_.answer));
  return believed("profile", parse_profile(reply));
}

Result<BoardClocks> Runner::clocks(const ClocksWanted& wanted) {
  const Json reply = TRY(ask("clocks", to_json(wanted), patience_.answer));
  return believed("clocks", parse_clocks(reply));
}

Result<void> Runner::unload(Handle handle) {
  TRY(ask("unload", unload_request(handle), patience_.answer));
  models_.erase(handle);
  return {};
}

Result<void> Runner::bye() {
  TRY(ask("bye", Json::object(), patience_.bye));
  const bool left = process_->wait(Clock::now() + patience_.bye);
  if (!left) return give_up("bye", "said bye and did not end");
  process_->kill_and_reap();
  ended_ = "was sent away";
  if (process_->ending() != "exit code 0") {
    return fail(ErrorCode::kRunnerFailed, "the runner {} said bye and ended with {}",
                display(name_), process_->ending());
  }
  return {};
}

Result<Json> Runner::ask(std::string_view verb, Json request, std::chrono::milliseconds patience) {
  if (!ended_.empty()) {
    return fail(ErrorCode::kRunnerFailed, "the runner {} {} and cannot answer '{}'", display(name_),
                ended_, verb);
  }
  Json message = Json::object();
  message["id"] = next_id_;
  message["verb"] = verb;
  for (const auto& [key, value] : request.members()) message[key] = value;
  // A failed write shows in receive(): the stream is at its end, or nothing comes.
  process_->write_line(message.dump(), Clock::now() + patience);
  Result<Json> reply = receive(verb, patience);
  ++next_id_;
  return reply;
}

Result<Json> Runner::receive(std::string_view verb, std::chrono::milliseconds patience) {
  std::optional<Subprocess::ReadLine> read;
  do {
    read = read_line(verb, Clock::now() + patience);
    if (!read) return stop(verb);
  } while (read->end == Subprocess::ReadEnd::kLine && is_progress(read->line));
  switch (read->end) {
    case Subprocess::ReadEnd::kLine:
      return check_reply(verb, read->line);
    case Subprocess::ReadEnd::kTooLong:
      return give_up(verb,
                     fmt::format("sent a line of more than {} bytes", patience_.max_line_bytes));
    case Subprocess::ReadEnd::kTimeout:
      return give_up(verb,
                     fmt::format("did not answer within {} ms and was killed", patience.count()));
    case Subprocess::ReadEnd::kClosed:
      break;
  }
  const bool by_itself = process_->wait(Clock::now() + kExitPatience);
  process_->kill_and_reap();
  return give_up(
      verb, by_itself ? "ended with " + process_->ending() : "closed its output and was killed");
}

std::optional<Subprocess::ReadLine> Runner::read_line(std::string_view verb, Deadline deadline) {
  std::optional<Deadline> stop_by;
  while (true) {
    const Deadline look = std::min(deadline, Clock::now() + kLook);
    Subprocess::ReadLine read = process_->read_line(look, patience_.max_line_bytes);
    // A runner that does not know the signal dies of it.
    if (stop_by && read.end == Subprocess::ReadEnd::kClosed) return std::nullopt;
    if (read.end != Subprocess::ReadEnd::kTimeout || Clock::now() >= deadline) return read;
    if (verb == "bye" || !patience_.interrupted()) continue;
    if (!stop_by) stop_by = Clock::now() + patience_.stopping;
    if (verb != "time" || Clock::now() >= *stop_by) return std::nullopt;
    process_->interrupt();
  }
}

bool Runner::is_progress(const std::string& line) {
  constexpr size_t kMostBytes = 4096;  // no reply has to be parsed twice
  if (line.size() > kMostBytes || !line.contains("\"progress\"")) return false;
  const Result<Json> message = Json::parse(line);
  if (!message || message->contains("ok") || !message->at("progress").is_string()) return false;
  if (message->at("id") != Json(next_id_)) return false;
  patience_.progress(display(message->at("progress").as_string(), 120));
  return true;
}

Result<Json> Runner::check_reply(std::string_view verb, const std::string& line) {
  Result<Json> reply = Json::parse(line);
  if (!reply || !reply->is_object()) {
    return give_up(verb, fmt::format("sent a line that is no reply: '{}'", display(line, 80)));
  }
  if (!reply->at("id").is_integer() || reply->at("id").as_integer() != next_id_) {
    return give_up(verb, fmt::format("answered request {} instead of {}",
                                     display(reply->at("id").dump(), 40), next_id_));
  }
  if (!reply->at("ok").is_bool()) return give_up(verb, "sent a reply without 'ok'");
  if (reply->at("ok").as_bool()) return reply;
  Error error = TRY(believed(verb, parse_error(*reply)));
  error.context = {fmt::format("runner {}", display(name_)), std::string(verb)};
  return std::unexpected(std::move(error));
}

std::unexpected<Error> Runner::give_up(std::string_view verb, std::string problem) {
  process_->kill_and_reap();
  ended_ = "has ended";
  std::string message = fmt::format("the runner {} {}", display(name_), problem);
  if (const std::string words = last_words(process_->stderr_tail()); !words.empty()) {
    message += "; its last words: " + words;
  }
  Error error{ErrorCode::kRunnerFailed, std::move(message)};
  error.context = {std::string(verb)};
  return std::unexpected(std::move(error));
}

std::unexpected<Error> Runner::stop(std::string_view verb) {
  process_->kill_and_reap();
  ended_ = "was stopped";
  return fail(ErrorCode::kInterrupted, "interrupted while the runner {} was at '{}'",
              display(name_), verb);
}

template <class T>
Result<T> Runner::believed(std::string_view verb, Result<T> parsed) {
  if (parsed) return parsed;
  return give_up(verb, "lied: " + parsed.error().message);
}

}  // namespace nitro::runner
