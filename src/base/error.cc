#include "base/error.h"

#include <array>

namespace nitro {
namespace {

struct Row {
  std::string_view name;
  int exit_code;
};

constexpr std::array kRows = {
    Row{"check_failed", 1},      Row{"usage", 2},
    Row{"bad_file", 3},          Row{"bad_model", 3},
    Row{"bad_external_data", 3}, Row{"unsupported_op", 3},
    Row{"unsupported_dtype", 3}, Row{"shape_mismatch", 3},
    Row{"unknown_shape", 3},     Row{"limit_exceeded", 3},
    Row{"bad_recipe", 3},        Row{"input_output", 4},
    Row{"environment", 4},       Row{"runner_failed", 4},
    Row{"out_of_memory", 4},     Row{"interrupted", 130},
    Row{"internal", 5},
};
static_assert(kRows.size() == std::to_underlying(ErrorCode::kInternal) + 1);

}  // namespace

std::string_view name(ErrorCode code) { return kRows[std::to_underlying(code)].name; }

int exit_code(ErrorCode code) { return kRows[std::to_underlying(code)].exit_code; }

std::string Error::text() const {
  std::string joined;
  for (const std::string& place : context) joined += place + ": ";
  return joined + message;
}

std::unexpected<Error> fail_with_hint(ErrorCode code, std::string message, std::string hint) {
  return std::unexpected(Error{code, std::move(message), {}, std::move(hint)});
}

}  // namespace nitro
