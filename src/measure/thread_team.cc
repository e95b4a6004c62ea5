#include "measure/thread_team.h"

#include <algorithm>
#include <barrier>
#include <chrono>
#include <ctime>
#include <thread>
#include <vector>

namespace nitro::measure {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBursts = 5;
constexpr double kBurstSeconds = 0.008;

double thread_seconds() {
  std::timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// What one thread did in a burst.
struct Share {
  double work = 0;
  Clock::time_point start = {};
  Clock::time_point end = {};
  double processor_share = 0;
};

double seconds_between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration<double>(end - start).count();
}

Share burst(const Piece& piece) {
  const double on_processor = thread_seconds();
  Share share;
  share.end = share.start = Clock::now();
  while (seconds_between(share.start, share.end) < kBurstSeconds) {
    share.work += piece();
    share.end = Clock::now();
  }
  share.processor_share =
      (thread_seconds() - on_processor) / seconds_between(share.start, share.end);
  return share;
}

/// Over the whole span, so that threads which did not run at the same time, and had a shared cache
/// or memory to themselves in turn, do not add up to more than there is.
TeamRate together(const std::vector<Share>& shares) {
  double work = 0;
  Share span = shares.front();
  for (const Share& share : shares) {
    work += share.work;
    span.start = std::min(span.start, share.start);
    span.end = std::max(span.end, share.end);
    span.processor_share = std::min(span.processor_share, share.processor_share);
  }
  return {work / seconds_between(span.start, span.end), span.processor_share};
}

}  // namespace

TeamRate measure_rate(int threads, const std::function<Piece(int)>& prepare) {
  const auto count = static_cast<size_t>(threads);
  std::vector<std::vector<Share>> bursts(kBursts, std::vector<Share>(count));
  std::barrier start(threads);
  const auto body = [&](int thread) {
    const Piece piece = prepare(thread);
    for (std::vector<Share>& shares : bursts) {
      start.arrive_and_wait();
      shares[static_cast<size_t>(thread)] = burst(piece);
    }
  };
  {
    std::vector<std::jthread> team;
    for (int thread = 1; thread < threads; ++thread) team.emplace_back(body, thread);
    body(0);
  }
  TeamRate best;
  for (const std::vector<Share>& shares : bursts) {
    const TeamRate rate = together(shares);
    if (rate.per_second > best.per_second) best = rate;
  }
  return best;
}

}  // namespace nitro::measure
