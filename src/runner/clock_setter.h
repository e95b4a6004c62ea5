#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <utility>
#include <vector>

#include "runner/clock_files.h"
#include "runner/clocks.h"

namespace nitro::runner {

/// The file's name in a session's folder; agent_session.cc reads it when the session ends.
inline constexpr std::string_view kOriginalClocks = "clocks-before";

/// Reads and fixes the clocks of the board whose files are below `root`. Before its first change it
/// writes down in the file `originals` what each file that it changes has, a line each of the
/// content, a blank and the path, in the order in which to write them back: whoever finds that file
/// after a crash can set the clocks back. restore() does so, and removes it. A file is written only
/// where it has something else: the kernel counts how often a clock was switched on.
class ClockSetter {
 public:
  ClockSetter(std::filesystem::path root, std::filesystem::path originals);
  ClockSetter(const ClockSetter&) = delete;
  ClockSetter& operator=(const ClockSetter&) = delete;
  /// Restores, where that was not done.
  ~ClockSetter();

  /// Whether `root` has a clock that may be set.
  static bool has_clocks(const std::filesystem::path& root);

  /// The reply to `clocks`: after fixing or restoring what is wanted, and awaiting it for a second
  /// at most. A clock that does not follow shows in `now`. kEnvironment where a file cannot be
  /// written; what was changed until then is set back.
  Result<Json> answer(const ClocksWanted& wanted);

 private:
  using Write = std::pair<std::filesystem::path, std::string>;

  BoardClocks state() const;
  std::optional<BoardClock> clock(const std::optional<ClockFiles>& files) const;
  std::string cannot_set(const ClockFiles& files, const BoardClock& clock) const;
  std::string sudoers() const;
  Result<void> fix(const ClockFiles& files, int64_t hertz);
  Result<void> keep_original(const ClockFiles& files);
  Result<void> restore();
  void settle(const ClocksWanted& wanted) const;

  std::filesystem::path originals_file_;
  std::optional<ClockFiles> gpu_;
  std::optional<ClockFiles> emc_;
  std::vector<Write> originals_;
};

}  // namespace nitro::runner
