#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nitro {

/// What went wrong, as a word that scripts can match. The exit code of each is in error.cc.
enum class ErrorCode : uint8_t {
  kCheckFailed,        // a comparison, accuracy or threshold check did not hold
  kUsage,              // the command line itself
  kBadFile,            // unreadable, truncated, corrupt or not of the expected format
  kBadModel,           // parses, but breaks a rule of ONNX or of the IR
  kBadExternalData,    // external data missing, escaping the model's folder, or out of range
  kUnsupportedOp,      // an operator, or a form of it, that Nitro does not execute
  kUnsupportedDtype,   // a tensor element type outside f32 f16 bf16 i8 u8 i32 i64 bool f64
  kShapeMismatch,      // operand shapes or dtypes that do not fit the operator
  kUnknownShape,       // a shape or a shape-giving value that is not known before execution
  kLimitExceeded,      // larger than a documented limit
  kBadRecipe,          // recipe or configuration text
  kInputOutput,        // the operating system refused a read or a write
  kEnvironment,        // something needed is not installed or not permitted here
  kRunnerFailed,       // a runner crashed, hung, lied or reported an error
  kOutOfMemory,
  kInterrupted,
  kInternal,           // a bug of Nitro
};

/// The word for `code`, for example "unsupported_op".
std::string_view name(ErrorCode code);

/// 0 ok, 1 check failed, 2 usage, 3 bad input, 4 environment, 5 internal, 130 interrupted.
int exit_code(ErrorCode code);

/// One failure: a sentence naming the culprit, where it happened (outermost first), and a remedy.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::vector<std::string> context = {};
  std::string hint = {};

  /// "context: context: message". Names inside are already safe for a terminal.
  std::string text() const;
};

template <class T>
using Result = std::expected<T, Error>;

/// An error whose message is formatted from `arguments`.
template <class... Arguments>
std::unexpected<Error> fail(ErrorCode code, fmt::format_string<Arguments...> format,
                            Arguments&&... arguments) {
  return std::unexpected(Error{code, fmt::format(format, std::forward<Arguments>(arguments)...)});
}

/// As fail(), with a remedy.
std::unexpected<Error> fail_with_hint(ErrorCode code, std::string message, std::string hint);

/// `result`, with `place` put in front of the context of its error.
template <class T>
Result<T> in_context(Result<T> result, std::string place) {
  if (!result) result.error().context.insert(result.error().context.begin(), std::move(place));
  return result;
}

}  // namespace nitro

#define NITRO_JOIN_(a, b) a##b
#define NITRO_JOIN(a, b) NITRO_JOIN_(a, b)
#define NITRO_TRY_(result, ...)                                                             \
  ({                                                                                        \
    auto result = (__VA_ARGS__);                                                            \
    if (!result) [[unlikely]]                                                               \
      return std::unexpected(std::move(result).error());                                    \
    std::move(result).value();                                                              \
  })
/// The value of a Result, or return its error from the enclosing function.
#define TRY(...) NITRO_TRY_(NITRO_JOIN(nitro_result_, __COUNTER__), __VA_ARGS__)
