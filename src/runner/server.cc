#include "runner/server.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <thread>

#include "base/file.h"

namespace nitro::runner {
namespace {

constexpr size_t kMaxLine = size_t{64} << 20;

std::atomic<bool> stop_noted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "must be usable in a signal handler");

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

/// Where a serving process writes its replies, and the request that it answers.
int reply_descriptor = -1;
Json current_id;

/// Appends what stdin has; false at its end.
bool read_some(std::string& received) {
  char chunk[size_t{64} << 10];
  ssize_t count = 0;
  do {
    count = ::read(STDIN_FILENO, chunk, sizeof chunk);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  received.append(chunk, static_cast<size_t>(count));
  return received.size() <= kMaxLine;
}

/// Ends the process, whatever it computes, once nobody can read its replies: whoever asked is gone,
/// and may have left a board with clocks that its shell sets back after us.
void end_without_reader(int replies) {
  std::thread([replies] {
    pollfd watched = {replies, 0, 0};
    while (::poll(&watched, 1, -1) < 0 && errno == EINTR) {
    }
    if ((watched.revents & (POLLERR | POLLHUP)) != 0) ::_exit(exit_code(ErrorCode::kRunnerFailed));
  }).detach();
}

}  // namespace

bool stop_wanted() { return stop_noted; }
void forget_stop() { stop_noted = false; }

void report_progress(std::string_view text) {
  if (reply_descriptor < 0) return;
  const Json line = Json::object({{"id", current_id}, {"progress", text}});
  write_all(reply_descriptor, line.dump() + "\n");
}

std::string answer_line(const Answer& answer, std::string_view line, bool& finished) {
  Json reply = Json::object();
  reply["id"] = nullptr;
  const auto respond = [&]() -> Result<Json> {
    const Json request = TRY(Json::parse(line));
    reply["id"] = current_id = request.at("id");
    const std::string& verb = request.at("verb").as_string();
    if (verb != "bye") return answer(verb, request);
    finished = true;
    return Json::object();
  };
  const Result<Json> members = respond();
  reply["ok"] = members.has_value();
  if (members) {
    for (const auto& [key, value] : members->members()) reply[key] = value;
  } else {
    const Error& error = members.error();
    Json json = Json::object();
    json["code"] = name(error.code);
    json["message"] = error.text();
    json["hint"] = error.hint;
    reply["error"] = std::move(json);
  }
  return reply.dump();
}

int serve(const Answer& answer) {
  const FileDescriptor replies(::dup(STDOUT_FILENO));
  if (!replies.valid() || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
    return exit_code(ErrorCode::kEnvironment);
  }
  end_without_reader(replies.get());
  struct sigaction action = {};
  action.sa_handler = [](int) { stop_noted = true; };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, nullptr);
  reply_descriptor = replies.get();
  std::string received;
  bool finished = false;
  while (!finished) {
    const size_t end = received.find('\n');
    if (end == std::string::npos) {
      if (!read_some(received)) break;
      continue;
    }
    const std::string reply =
        answer_line(answer, std::string_view(received).substr(0, end), finished);
    received.erase(0, end + 1);
    if (!write_all(replies.get(), reply + "\n")) break;
  }
  return 0;
}

}  // namespace nitro::runner
