#include "trace/trtexec_log.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace nitro::trace {
namespace {

constexpr size_t kShown = 300;
constexpr std::string_view kParsing = "While parsing node number ";
/// Lines that only say that something failed.
constexpr std::array<std::string_view, 6> kEmptyWords = {
    "Failed to parse onnx file", "Parsing model failed",        "Engine set up failed",
    "Failed to create engine",   "Engine could not be created", "Inference set up failed"};
constexpr std::array<std::string_view, 4> kMemoryWords = {"OutOfMemory", "out of memory",
                                                          "std::bad_alloc", "Out of memory"};

/// The text of a line of severity E, without time and marks: "[12/07/2021-23:53:57] [E] [TRT] …".
std::optional<std::string_view> error_of(std::string_view line) {
  const size_t mark = line.find("[E] ");
  if (mark == std::string_view::npos || mark > 40) return {};
  line.remove_prefix(mark + 4);
  if (line.starts_with("[TRT] ")) line.remove_prefix(6);
  return line;
}

/// "[12/07/2021-23:53:57] [I] …"
bool is_log_line(std::string_view line) { return line.starts_with('[') && line.contains("] ["); }

bool says_nothing(std::string_view words) {
  return words.empty() || std::ranges::any_of(kEmptyWords, [&](std::string_view empty) {
           return words.starts_with(empty);
         });
}

/// Not as a warning: a builder goes on without the kernels that memory does not reach for.
bool lacks_memory(std::string_view line) {
  return (error_of(line) || !is_log_line(line)) &&
         std::ranges::any_of(kMemoryWords,
                             [&](std::string_view words) { return line.contains(words); });
}

/// What stands between `open` and the next quote.
std::string_view quoted_after(std::string_view line, std::string_view open) {
  const size_t begin = line.find(open);
  if (begin == std::string_view::npos) return {};
  line.remove_prefix(begin + open.size());
  return line.substr(0, line.find('"'));
}

/// What the ONNX parser says of the node that it does not take.
struct RefusedNode {
  std::string op;
  std::string name;  // its own, else that of its first output
  std::string reason;
};

std::optional<RefusedNode> refused_node(const std::vector<std::string_view>& lines) {
  const auto start =
      std::ranges::find_if(lines, [](std::string_view line) { return line.contains(kParsing); });
  if (start == lines.end()) return {};
  RefusedNode node;
  const size_t bracket = start->find('[', start->find(kParsing));
  if (bracket != std::string_view::npos) {
    node.op = start->substr(bracket + 1, start->find_first_of(" ]", bracket) - bracket - 1);
    node.name = quoted_after(*start, "-> \"");
  }
  bool in_reason = false;
  for (auto line = start + 1; line != lines.end(); ++line) {
    if (line->starts_with("name: \"")) node.name = quoted_after(*line, "name: \"");
    if (in_reason && is_log_line(*line)) break;
    if (in_reason) node.reason += (node.reason.empty() ? "" : " ") + std::string(*line);
    if (line->contains("ERROR: ") && line->contains("In function")) in_reason = true;
  }
  return node;
}

}  // namespace

std::string text(const TensorrtVersion& version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

std::optional<TensorrtVersion> parse_tensorrt_version(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  std::array<int64_t, 3> numbers{};
  if (parts.size() != numbers.size()) return {};
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!parse_integer(parts[i], numbers[i]) || numbers[i] < 0 || numbers[i] > 999) return {};
  }
  return TensorrtVersion{static_cast<int>(numbers[0]), static_cast<int>(numbers[1]),
                         static_cast<int>(numbers[2])};
}

std::optional<TensorrtVersion> logged_version(std::string_view log) {
  constexpr std::string_view kMark = "RUNNING TensorRT.trtexec [TensorRT v";
  const size_t mark = log.find(kMark);
  if (mark == std::string_view::npos) return {};
  log.remove_prefix(mark + kMark.size());
  int64_t number = 0;
  if (!parse_integer(log.substr(0, log.find(']')), number) || number < 1000 || number > 999999)
    return {};
  const auto digits = static_cast<int>(number);
  if (digits >= 100000) return TensorrtVersion{digits / 10000, digits / 100 % 100, digits % 100};
  return TensorrtVersion{digits / 1000, digits / 100 % 10, digits % 100};
}

Error logged_error(std::string_view log, std::string_view ending) {
  const std::vector<std::string_view> lines = split(log, '\n');
  if (const auto node = refused_node(lines)) {
    return {ErrorCode::kUnsupportedOp,
            fmt::format("TensorRT does not take the node '{}' ({}): {}", display(node->name, 120),
                        display(node->op, 40), display(node->reason, kShown)),
            {},
            "write the model in other operators; nitro export --for lists what each release takes"};
  }
  std::string_view first;
  for (const std::string_view line : lines) {
    const auto words = error_of(line);
    if (words && !says_nothing(*words) && first.empty()) first = *words;
  }
  if (first.empty()) {
    // An aborting process says its last words without marks.
    for (const std::string_view line : lines) {
      if (!line.empty() && !line.starts_with('[') && !line.starts_with("&&&&")) first = line;
    }
  }
  const std::string said = first.empty() ? "" : ": " + display(first, kShown);
  if (ending.starts_with("signal 9") || std::ranges::any_of(lines, lacks_memory)) {
    return {ErrorCode::kOutOfMemory,
            fmt::format("trtexec ran out of memory, and ended with {}{}", ending, said),
            {},
            "free memory: end the desktop, add swap, or take a smaller batch"};
  }
  return {ErrorCode::kRunnerFailed,
          fmt::format("trtexec ended with {}{}", ending, said),
          {},
          "try it by hand, with --verbose"};
}

}  // namespace nitro::trace
