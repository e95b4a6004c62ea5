#include "runner/clock_setter.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <thread>

#include "base/file.h"
#include "runner/board_files.h"
#include "runner/privileged_file.h"

namespace nitro::runner {
namespace {

using std::filesystem::path;

constexpr std::chrono::milliseconds kSettle{1000};
constexpr std::chrono::milliseconds kLook{20};
/// After the clock is as wanted: voltages follow.
constexpr std::chrono::milliseconds kAfter{100};

/// "204000 ... 1600000 (kHz)" in hertz, rising.
std::vector<int64_t> rates(const std::string& text, double scale) {
  std::vector<int64_t> list;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const int64_t value = std::atoll(word.c_str());
    if (value > 0) list.push_back(static_cast<int64_t>(static_cast<double>(value) * scale));
  }
  std::ranges::sort(list);
  const auto twice = std::ranges::unique(list);
  list.erase(twice.begin(), twice.end());
  return list;
}

std::string user() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry != nullptr ? entry->pw_name : "USER";
}

/// Writes unless it reads so already.
Result<void> bring_to(const path& file, const std::string& content) {
  if (privileged_text(file) == content) return {};
  return write_privileged(file, content);
}

}  // namespace

ClockSetter::ClockSetter(path root, path originals)
    : originals_file_(std::move(originals)),
      gpu_(gpu_clock_files(root)),
      emc_(emc_clock_files(root)) {}

ClockSetter::~ClockSetter() { (void)restore(); }

bool ClockSetter::has_clocks(const path& root) { return gpu_clock_files(root).has_value(); }

Result<Json> ClockSetter::answer(const ClocksWanted& wanted) {
  if (wanted.restore) TRY(restore());
  for (const auto& [files, hertz, word] :
       {std::tuple(gpu_, wanted.gpu_hz, "GPU"), std::tuple(emc_, wanted.emc_hz, "memory")}) {
    if (!hertz) continue;
    if (!files) return fail(ErrorCode::kEnvironment, "no clock of the {} is known here", word);
    if (Result<void> fixed = fix(*files, *hertz); !fixed) {
      (void)restore();
      return std::unexpected(std::move(fixed.error()));
    }
  }
  settle(wanted);
  return to_json(state());
}

BoardClocks ClockSetter::state() const {
  BoardClocks clocks{clock(gpu_), clock(emc_), ""};
  if ((clocks.gpu && !clocks.gpu->cannot_set.empty()) ||
      (clocks.emc && !clocks.emc->cannot_set.empty()))
    clocks.sudoers = sudoers();
  return clocks;
}

std::optional<BoardClock> ClockSetter::clock(const std::optional<ClockFiles>& files) const {
  if (!files) return std::nullopt;
  BoardClock clock;
  clock.now = privileged_number(files->now).value_or(0);
  const auto before = std::ranges::find(originals_, files->most, &Write::first);
  clock.most = before != originals_.end() ? std::atoll(before->second.c_str())
                                          : privileged_number(files->most).value_or(0);
  for (const path& file : files->most_by_mode) {
    const int64_t limit = board_number(file).value_or(0);
    if (limit > 0) clock.most = std::min(clock.most, limit);
  }
  clock.available = rates(privileged_text(files->available).value_or(""), files->available_scale);
  clock.cannot_set = cannot_set(*files, clock);
  return clock;
}

std::string ClockSetter::cannot_set(const ClockFiles& files, const BoardClock& clock) const {
  if (clock.now <= 0)
    return fmt::format("{} is not there, or not for this user", files.now.native());
  if (clock.most <= 0)
    return fmt::format("{} is not there, or not for this user", files.most.native());
  for (const path& file : files.written()) {
    if (!may_write(file)) return fmt::format("{} may not be written by this user", file.native());
  }
  return "";
}

std::string ClockSetter::sudoers() const {
  std::string commands;
  const auto add = [&](const char* program, const path& file) {
    commands += fmt::format("{} {} {}", commands.empty() ? "" : ",", program, file.native());
  };
  for (const auto& files : {gpu_, emc_}) {
    if (!files) continue;
    for (const path& file : files->written()) add("/usr/bin/tee", file);
    for (const path& file : files->read()) {
      if (::access(file.c_str(), R_OK) != 0 && file.native().contains("/debug/"))
        add("/bin/cat", file);
    }
  }
  return fmt::format("{} ALL=(root) NOPASSWD:{}", user(), commands);
}

Result<void> ClockSetter::keep_original(const ClockFiles& files) {
  if (std::ranges::find(originals_, files.written()[0], &Write::first) != originals_.end())
    return {};
  // The rate before the switch; the most before the least, which may not be above it.
  const std::vector<std::pair<path, path>> written_and_read =
      files.hold.empty()
          ? std::vector{std::pair(files.most, files.most), {files.least, files.least}}
          : std::vector{std::pair(files.rate, files.rate_before), {files.hold, files.hold}};
  for (const auto& [written, read] : written_and_read) {
    const auto content = privileged_text(read);
    if (!content || content->empty())
      return fail(ErrorCode::kEnvironment, "{} cannot be read, by sudo either", read.native());
    originals_.emplace_back(written, *content);
  }
  std::string lines;
  for (const auto& [file, content] : originals_) lines += content + " " + file.native() + "\n";
  return write_file_atomic(originals_file_, lines);
}

Result<void> ClockSetter::fix(const ClockFiles& files, int64_t hertz) {
  TRY(keep_original(files));
  const std::string rate = std::to_string(hertz);
  if (!files.hold.empty()) {
    TRY(bring_to(files.hold, "1"));
    return write_privileged(files.rate, rate);
  }
  const bool rises = hertz > privileged_number(files.most).value_or(0);
  TRY(bring_to(rises ? files.most : files.least, rate));
  return bring_to(rises ? files.least : files.most, rate);
}

Result<void> ClockSetter::restore() {
  Result<void> all;
  for (const auto& [file, content] : originals_) {
    if (Result<void> done = bring_to(file, content); !done) all = std::move(done);
  }
  if (!all) return all;
  originals_.clear();
  std::error_code error;
  std::filesystem::remove(originals_file_, error);
  return {};
}

void ClockSetter::settle(const ClocksWanted& wanted) const {
  if (!wanted.gpu_hz && !wanted.emc_hz) return;
  const auto deadline = std::chrono::steady_clock::now() + kSettle;
  const auto follows = [](const std::optional<ClockFiles>& files, std::optional<int64_t> hertz) {
    return !files || !hertz || privileged_number(files->now) == hertz;
  };
  while (!(follows(gpu_, wanted.gpu_hz) && follows(emc_, wanted.emc_hz)) &&
         std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(kLook);
  std::this_thread::sleep_for(kAfter);
}

}  // namespace nitro::runner
