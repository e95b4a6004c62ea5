#include "runner/sampling.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "measure/median.h"
#include "measure/warm_up.h"

namespace nitro::runner {
namespace {

int64_t now_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

Result<int64_t> timed(const Frame& frame) {
  const int64_t start = now_ns();
  TRY(frame());
  return std::max<int64_t>(now_ns() - start, 1);
}

Result<void> warm_up(const Frame& frame, const TimeRules& rules, const std::function<bool()>& stop,
                     Timing& timing) {
  measure::WarmUp warm({.min_ns = static_cast<double>(rules.warmup_ns),
                        .limit_ns = static_cast<double>(rules.max_warmup_ns)});
  while (!warm.done() && !stop()) {
    warm.add(static_cast<double>(TRY(timed(frame))));
    ++timing.warmup_frames;
  }
  timing.warmup_ns = static_cast<int64_t>(warm.elapsed_ns());
  timing.warmup_stable = warm.stable();
  return {};
}

bool is_precise(const std::vector<Timing>& variants, double half_width) {
  return std::ranges::all_of(variants, [&](const Timing& timing) {
    const std::vector<double> values(timing.samples_ns.begin(), timing.samples_ns.end());
    const auto interval = measure::median_interval(values);
    return interval && interval->relative_half_width() <= half_width;
  });
}

Result<void> take_round(const std::vector<Frame>& frames, const std::vector<size_t>& order,
                        const std::function<bool()>& stop, std::vector<Timing>& variants) {
  for (const size_t index : order) {
    if (stop() && !variants[index].samples_ns.empty()) continue;
    variants[index].stamps_ns.push_back(now_ns());
    variants[index].samples_ns.push_back(TRY(timed(frames[index])));
  }
  return {};
}

}  // namespace

Result<TimeReply> sample_frames(const std::vector<Frame>& frames, const std::vector<bool>& cold,
                                const TimeRules& rules, const std::function<bool()>& stop) {
  TimeReply reply;
  reply.variants.resize(frames.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    const int64_t first = TRY(timed(frames[i]));
    if (cold[i]) reply.variants[i].cold_ns = first;
  }
  for (size_t i = 0; i < frames.size(); ++i) {
    TRY(warm_up(frames[i], rules, stop, reply.variants[i]));
  }

  std::vector<size_t> order(frames.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const int64_t begin = now_ns();
  int64_t next_check = rules.min_samples;
  for (int64_t count = 1;; ++count) {
    TRY(take_round(frames, order, stop, reply.variants));
    std::ranges::reverse(order);
    if (stop()) {
      reply.stopped_by = "interrupted";
      return reply;
    }
    const int64_t elapsed = now_ns() - begin;
    if (count >= rules.max_samples) {
      reply.stopped_by = "count";
      return reply;
    }
    if (count < rules.min_samples) continue;
    if (elapsed >= rules.max_ns) {
      reply.stopped_by = "timeout";
      return reply;
    }
    if (rules.half_width > 0 && elapsed >= rules.min_ns && count >= next_check) {
      next_check = count + std::max<int64_t>(1, count / 10);
      if (is_precise(reply.variants, rules.half_width)) {
        reply.stopped_by = "precise";
        return reply;
      }
    }
  }
}

}  // namespace nitro::runner
