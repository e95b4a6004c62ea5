#include "trace/trtexec_output.h"

#include "base/checked.h"
#include "base/file.h"
#include "base/text.h"

namespace nitro::trace {
namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 30;

/// Takes the text up to and with `mark` from the front of `rest`; the part before it.
Result<std::string_view> take_until(std::string_view& rest, std::string_view mark) {
  const size_t end = rest.find(mark);
  if (end == std::string_view::npos)
    return fail(ErrorCode::kBadFile, "the outputs of trtexec lack '{}'", mark);
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end + mark.size());
  return part;
}

/// "1x3x224x224"; a scalar has no dimension.
Result<std::vector<int64_t>> parse_shape(std::string_view text) {
  std::vector<int64_t> shape;
  if (text.empty()) return shape;
  for (const std::string_view part : split(text, 'x')) {
    int64_t extent = 0;
    if (!parse_integer(part, extent) || extent < 0)
      return fail(ErrorCode::kBadFile, "an output of trtexec has the shape '{}'",
                  display(text, 80));
    shape.push_back(extent);
  }
  return shape;
}

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \n\r\t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \n\r\t") - begin + 1);
}

Result<void> parse_values(std::string_view text, TrtexecOutput& output) {
  text = trimmed(text);
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    double value = 0;
    if (!parse_number(trimmed(text.substr(0, comma)), value)) {
      return fail(ErrorCode::kBadFile, "value {} of the output '{}' of trtexec is no number: '{}'",
                  output.values.size(), display(output.name, 80),
                  display(text.substr(0, comma), 40));
    }
    output.values.push_back(value);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return {};
}

}  // namespace

// No JSON: numbers may be nan or inf, names are not escaped, and a tree of millions of values would
// not fit a board.
Result<std::vector<TrtexecOutput>> parse_trtexec_output(std::string_view text) {
  std::vector<TrtexecOutput> outputs;
  if (!trimmed(text).starts_with('['))
    return fail(ErrorCode::kBadFile, "the outputs of trtexec are no array");
  while (text.contains("\"name\" : \"")) {
    TRY(take_until(text, "\"name\" : \""));
    TrtexecOutput output;
    output.name = TRY(take_until(text, "\"\n"));
    TRY(take_until(text, "\"dimensions\" : \""));
    output.shape = TRY(parse_shape(TRY(take_until(text, "\""))));
    TRY(take_until(text, "\"values\" : ["));
    const std::string_view values = TRY(take_until(text, "]"));
    TRY(parse_values(values, output));
    if (checked_product(output.shape) != std::ssize(output.values)) {
      return fail(ErrorCode::kBadFile, "the output '{}' of trtexec has {} values for its shape",
                  display(output.name, 80), output.values.size());
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Result<std::vector<TrtexecOutput>> read_trtexec_output(const std::filesystem::path& path) {
  return parse_trtexec_output(TRY(read_file(path, kMostBytes)));
}

}  // namespace nitro::trace
