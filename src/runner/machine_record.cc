#include "runner/machine_record.h"

#include <sys/utsname.h>

#include <thread>

#include "runner/board_gaps.h"
#include "runner/board_power.h"
#include "runner/board_record.h"
#include "runner/tegrastats.h"

namespace nitro::runner {

Json machine_record() {
  utsname system{};
  ::uname(&system);
  Json record = Json::object();
  record["cpu"] = system.machine;
  record["cores"] = static_cast<int64_t>(std::thread::hardware_concurrency());
  record["os"] = system.sysname;
  record["kernel"] = system.release;
  Json board = board_record(board_root());
  if (has_gaps(board)) fill_gaps(board, tegrastats_line());
  if (board.size() > 0) record["board"] = std::move(board);
  return record;
}

}  // namespace nitro::runner
