#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>

namespace nitro::cli {

/// The current phase of the work on stderr. On a terminal one line, from half a second on, at most
/// ten times a second, and gone at the end; elsewhere one line per phase. Draws only when a phase
/// starts (once later for the first), so that it does not disturb what is being timed.
class Progress {
 public:
  Progress(std::FILE* stream, bool terminal);
  ~Progress();

  void show(const std::string& phase);
  /// Removes the line, for other text or the end.
  void clear();

 private:
  void draw();  // with the mutex held

  std::FILE* stream_;
  bool terminal_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string phase_;
  bool drawn_ = false;
  bool awake_ = false;  // half a second has passed
  bool stopping_ = false;
  std::chrono::steady_clock::time_point last_drawn_ = {};
  std::thread first_;
};

}  // namespace nitro::cli
