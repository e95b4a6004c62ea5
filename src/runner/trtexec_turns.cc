#include "runner/trtexec_turns.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "measure/median.h"
#include "measure/warm_up.h"
#include "runner/server.h"

namespace nitro::runner {
namespace {

/// Up to this many samples are taken in one turn without a time that it takes at least.
constexpr int64_t kFewSamples = 100;

int64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

int64_t nanoseconds(double milliseconds) { return std::llround(milliseconds * 1e6); }

/// One call's part of a turn.
struct TimedCall {
  Turn turn;
  int64_t begin_ns = 0;  // of trtexec's clock, on ours
};

Result<TimedCall> time_call(const TrtexecProgram& program, const std::filesystem::path& scratch,
                            std::vector<std::string> flags, const TurnLength& length,
                            const std::function<bool()>& go_on) {
  const std::string file = "times.json";
  std::error_code none;
  std::filesystem::remove(scratch / file, none);  // of the turn before
  flags.insert(flags.end(), {"--exportTimes=" + file, fmt::format("--warmUp={}", length.warmup_ms),
                             fmt::format("--duration={}", length.seconds),
                             fmt::format("--iterations={}", length.iterations), "--noDataTransfers",
                             "--useSpinWait"});
  TimedCall call;
  call.begin_ns = now_ns();
  const auto note_start = [&](std::string_view line) {
    if (line.ends_with("Starting inference")) call.begin_ns = now_ns();
  };
  TRY(run_trtexec(program, flags, scratch, {note_start, go_on}));
  call.turn = without_warm_up(TRY(trace::read_trtexec_times(scratch / file)), length.warmup_ms);
  if (call.turn.times.empty())
    return fail(ErrorCode::kRunnerFailed, "trtexec timed nothing after its warm-up");
  return call;
}

/// Adds the samples of a frame whose calls took a turn.
void add_turn(const std::vector<TimedCall>& calls, bool cold, const TimeRules& rules,
              const TurnLength& length, Timing& timing) {
  const bool first_turn = timing.samples_ns.empty();
  size_t count = calls[0].turn.times.size();
  for (const TimedCall& call : calls) count = std::min(count, call.turn.times.size());
  const auto free = static_cast<size_t>(rules.max_samples) - timing.samples_ns.size();
  for (size_t i = 0; i < std::min(count, free); ++i) {
    double sum = 0;
    for (const TimedCall& call : calls) sum += call.turn.times[i].compute_ms;
    const int64_t stamp = calls[0].begin_ns + nanoseconds(calls[0].turn.times[i].start_ms);
    timing.samples_ns.push_back(std::max<int64_t>(nanoseconds(sum), 1));
    // Starts are written with six digits, and so are not always in order.
    timing.stamps_ns.push_back(timing.stamps_ns.empty() ? stamp
                                                        : std::max(stamp, timing.stamps_ns.back()));
  }
  if (!first_turn) return;
  timing.warmup_ns = length.warmup_ms * 1'000'000;
  timing.warmup_stable = true;
  double first_ms = 0;
  for (const TimedCall& call : calls) {
    timing.warmup_stable = timing.warmup_stable && call.turn.warm;
    timing.warmup_frames += call.turn.warmup_frames;
    first_ms += call.turn.first_ms.value_or(std::nan(""));
  }
  if (cold && first_ms > 0) timing.cold_ns = nanoseconds(first_ms);
}

bool is_precise(const std::vector<Timing>& variants, const TimeRules& rules) {
  return rules.half_width > 0 && std::ranges::all_of(variants, [&](const Timing& timing) {
           const std::vector<double> values(timing.samples_ns.begin(), timing.samples_ns.end());
           const auto interval = measure::median_interval(values);
           return interval && interval->relative_half_width() <= rules.half_width;
         });
}

/// Why sampling ends after `turns` turns of each variant; empty where it goes on.
std::string end_of(const std::vector<Timing>& variants, int64_t turns, const TimeRules& rules) {
  if (stop_wanted()) return "interrupted";
  int64_t fewest = rules.max_samples;
  int64_t elapsed = 0;
  for (const Timing& timing : variants) {
    fewest = std::min(fewest, std::ssize(timing.samples_ns));
    elapsed += std::reduce(timing.samples_ns.begin(), timing.samples_ns.end());
  }
  if (fewest >= rules.max_samples) return "count";
  if (fewest < rules.min_samples && turns < 2 * kTurns) return "";
  // Of two variants each has had as many turns before the other as after it only then.
  const bool balanced = variants.size() == 1 || turns % 2 == 0;
  if (balanced && elapsed >= rules.min_ns && is_precise(variants, rules)) return "precise";
  return turns >= kTurns ? "timeout" : "";
}

}  // namespace

TurnLength turn_length(const TimeRules& rules, size_t variants) {
  TurnLength length;
  length.warmup_ms = (rules.warmup_ns + 999'999) / 1'000'000;
  if (rules.max_samples <= kFewSamples) {
    length.iterations = rules.max_samples;
    return length;
  }
  const int64_t turns = kTurns * static_cast<int64_t>(variants);
  length.seconds = std::max<int64_t>((rules.max_ns / turns + 500'000'000) / 1'000'000'000, 1);
  length.iterations = std::max<int64_t>(rules.min_samples, 1);
  return length;
}

Turn without_warm_up(const std::vector<trace::InferenceTime>& times, int64_t warmup_ms) {
  Turn turn;
  for (const trace::InferenceTime& time : times) {
    if (time.start_ms >= static_cast<double>(warmup_ms)) turn.times.push_back(time);
  }
  turn.warmup_frames = std::ssize(times) - std::ssize(turn.times);
  if (!times.empty() && (warmup_ms == 0 || turn.warmup_frames > 0))
    turn.first_ms = times.front().compute_ms;
  measure::WarmUp warm({.min_ns = 0});
  constexpr int64_t kSeen = 20;  // of the warm-up
  for (auto i = static_cast<size_t>(std::max<int64_t>(turn.warmup_frames - kSeen, 0));
       i < times.size() && !warm.done(); ++i)
    warm.add(times[i].compute_ms * 1e6);
  turn.warm = warm.stable();
  return turn;
}

Result<TimeReply> sample_in_turns(const TrtexecProgram& program,
                                  const std::filesystem::path& scratch,
                                  const std::vector<TrtexecVariant>& variants,
                                  const TimeRules& rules) {
  const TurnLength length = turn_length(rules, variants.size());
  TimeReply reply;
  reply.variants.resize(variants.size());
  const auto have_all = [&] {
    return std::ranges::none_of(reply.variants,
                                [](const Timing& t) { return t.samples_ns.empty(); });
  };
  const auto go_on = [&] { return !stop_wanted() || !have_all(); };
  std::vector<size_t> order(variants.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (int64_t turns = 1; reply.stopped_by.empty(); ++turns) {
    for (const size_t index : order) {
      if (!go_on()) break;
      std::vector<TimedCall> calls;
      for (const std::vector<std::string>& flags : variants[index].calls) {
        Result<TimedCall> call = time_call(program, scratch, flags, length, go_on);
        if (!call && call.error().code == ErrorCode::kInterrupted) break;
        calls.push_back(TRY(std::move(call)));
      }
      if (calls.size() < variants[index].calls.size()) break;
      add_turn(calls, variants[index].cold, rules, length, reply.variants[index]);
    }
    std::ranges::reverse(order);
    reply.stopped_by = end_of(reply.variants, turns, rules);
  }
  return reply;
}

}  // namespace nitro::runner
