#pragma once

#include <functional>
#include <string_view>

#include "base/json.h"

namespace nitro::runner {

/// The members of the reply to one request.
using Answer = std::function<Result<Json>(std::string_view verb, const Json& request)>;

/// The runner's side of the protocol: answers each request on stdin with one reply on stdout until
/// "bye" or the end of input. What else is printed to stdout goes to stderr. Returns the exit code.
int serve(const Answer& answer);

/// The same by an object with a member answer().
template <class Runner>
int serve_runner(Runner& runner) {
  return serve(
      [&](std::string_view verb, const Json& request) { return runner.answer(verb, request); });
}

/// Whether SIGINT came to a serving process after forget_stop(): the client wants what there is.
bool stop_wanted();
void forget_stop();

/// Tells the client what goes on while a request is answered, one sentence, so that it goes on
/// waiting. Does nothing outside of serve().
void report_progress(std::string_view text);

/// The whole reply, as a line without its line feed, to one request line. `finished` becomes true
/// after "bye".
std::string answer_line(const Answer& answer, std::string_view line, bool& finished);

}  // namespace nitro::runner
