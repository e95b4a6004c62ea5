#include "runner/doctor.h"

#include <utility>

#include "base/text.h"
#include "runner/board_notes.h"

namespace nitro::runner {
namespace {

Finding examine(const RegisteredRunner& row, const StartOptions& options) {
  Finding finding;
  finding.name = row.name;
  finding.description = row.description;
  Result<Runner> runner = start_runner(row.name, options);
  if (runner) {
    finding.version = runner->info().version;
    finding.devices = runner->info().devices;
    finding.board = runner->info().environment.at("board");
    if (runner->info().can("clocks")) {
      if (const auto clocks = runner->clocks()) finding.clocks = *clocks;
    }
    if (const Result<void> left = runner->bye(); !left) {
      runner = std::unexpected(left.error());
    }
  }
  finding.works = runner.has_value();
  if (!runner) {
    finding.reason = runner.error().text();
    finding.hint = runner.error().hint;
  }
  return finding;
}

/// What the board is, and what should be set before it is measured.
std::string board_lines(const Json& board) {
  std::string lines = fmt::format("{:<10} {}\n", "", board_text(board));
  for (const measure::QualityNote& note : board_notes(board)) {
    const measure::QualityRow& row = measure::row(note.code);
    lines += fmt::format("{:<10} {} ({})\n{:<10} remedy: {}\n", "", row.message, note.detail, "",
                         row.remedy);
  }
  return lines;
}

/// Whether they can be probed, and else what to change.
std::string clock_lines(const BoardClocks& clocks) {
  std::string lines;
  for (const auto& [word, clock] : {std::pair("GPU", clocks.gpu), {"memory", clocks.emc}}) {
    if (clock && !clock->cannot_set.empty())
      lines += fmt::format("{:<10} --probe-clocks cannot set the clock of the {}: {}\n", "", word,
                           clock->cannot_set);
  }
  if (lines.empty()) return fmt::format("{:<10} its clocks can be probed: --probe-clocks\n", "");
  return lines + fmt::format("{:<10} remedy: in /etc/sudoers.d/nitro there, on one line:\n{}\n", "",
                             clocks.sudoers);
}

std::string device_names(const Json& devices) {
  std::string names;
  for (const Json& device : devices.items()) {
    names += (names.empty() ? "" : ", ") + display(device.at("provider").as_string(), 40);
  }
  return names;
}

}  // namespace

std::vector<Finding> examine_runners(const StartOptions& options) {
  std::vector<Finding> findings;
  for (const RegisteredRunner& row : registered_runners()) {
    findings.push_back(examine(row, options));
  }
  return findings;
}

Json to_json(const std::vector<Finding>& findings) {
  Json list = Json::array();
  for (const Finding& finding : findings) {
    Json item = Json::object();
    item["name"] = finding.name;
    item["description"] = finding.description;
    item["works"] = finding.works;
    item["version"] = finding.version;
    item["devices"] = finding.devices;
    item["board"] = finding.board;
    if (finding.clocks) item["clocks"] = to_json(*finding.clocks);
    item["reason"] = finding.reason;
    item["hint"] = finding.hint;
    list.push_back(std::move(item));
  }
  return list;
}

std::string text(const std::vector<Finding>& findings) {
  std::string result;
  bool board_shown = false;
  for (const Finding& finding : findings) {
    const std::string state = finding.works
                                  ? fmt::format("works    {} on {}", display(finding.version, 40),
                                                device_names(finding.devices))
                                  : std::string("missing");
    result += fmt::format("{:<10} {}\n", finding.name, state);
    if (finding.board.is_object() && !std::exchange(board_shown, true))
      result += board_lines(finding.board);
    if (finding.clocks) result += clock_lines(*finding.clocks);
    if (!finding.works) {
      result += fmt::format("{:<10} {}\n{:<10} {}\n", "", finding.reason, "", finding.hint);
    }
  }
  return result;
}

}  // namespace nitro::runner
