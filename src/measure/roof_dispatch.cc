#include "measure/roof_dispatch.h"

#include <chrono>
#include <semaphore>
#include <thread>
#include <vector>

#include "measure/median.h"

namespace nitro::measure {

double measure_dispatch_ns() {
  using Clock = std::chrono::steady_clock;
  constexpr int kRounds = 200;
  std::binary_semaphore task{0};
  std::binary_semaphore done{0};
  Clock::time_point started;
  std::jthread worker([&] {
    for (int i = 0; i < kRounds; ++i) {
      task.acquire();
      started = Clock::now();
      done.release();
    }
  });
  std::vector<double> delays;
  for (int i = 0; i < kRounds; ++i) {
    // Long enough for the worker to have gone to sleep.
    std::this_thread::sleep_for(std::chrono::microseconds(100));
    const Clock::time_point signalled = Clock::now();
    task.release();
    done.acquire();
    delays.push_back(std::chrono::duration<double, std::nano>(started - signalled).count());
  }
  return median(delays);
}

}  // namespace nitro::measure
