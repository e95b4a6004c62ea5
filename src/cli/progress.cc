#include "cli/progress.h"

#include <fmt/core.h>

#include <string_view>

#include "base/text.h"

namespace nitro::cli {
namespace {

constexpr std::chrono::milliseconds kQuiet{500};
constexpr std::chrono::milliseconds kBetween{100};
constexpr std::string_view kEraseLine = "\r\x1b[2K";

}  // namespace

Progress::Progress(std::FILE* stream, bool terminal) : stream_(stream), terminal_(terminal) {}

Progress::~Progress() {
  clear();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (first_.joinable()) first_.join();
}

void Progress::show(const std::string& phase) {
  if (!terminal_) {
    fmt::print(stream_, "nitro: {}\n", display(phase, 400));
    std::fflush(stream_);
    return;
  }
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  if (!first_.joinable()) {
    first_ = std::thread([this] {
      std::unique_lock waiting(mutex_);
      wake_.wait_for(waiting, kQuiet, [this] { return stopping_; });
      awake_ = true;
      if (!stopping_) draw();
    });
  }
  if (awake_ && std::chrono::steady_clock::now() - last_drawn_ >= kBetween) draw();
}

void Progress::clear() {
  const std::lock_guard lock(mutex_);
  if (drawn_) fmt::print(stream_, "{}", kEraseLine);
  std::fflush(stream_);
  drawn_ = false;
  phase_.clear();
}

void Progress::draw() {
  if (phase_.empty()) return;
  fmt::print(stream_, "{}{}", kEraseLine, display(phase_, 78));
  std::fflush(stream_);
  drawn_ = true;
  last_drawn_ = std::chrono::steady_clock::now();
}

}  // namespace nitro::cli
