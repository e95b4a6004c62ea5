#include "eval/embeddings.h"

#include <cmath>
#include <set>

#include "base/file.h"
#include "base/text.h"
#include "runner/npy.h"

namespace nitro::eval {
namespace {

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

}  // namespace

double inverse_length(std::span<const float> row) {
  const double squares = dot(row, row);
  return std::isfinite(squares) && squares > 0 ? 1 / std::sqrt(squares) : 0;
}

double cosine(std::span<const float> a, std::span<const float> b) {
  const double scale = inverse_length(a) * inverse_length(b);
  return scale > 0 ? dot(a, b) * scale : 0;
}

Result<std::vector<std::string>> read_classes(const std::filesystem::path& path) {
  const std::string text = TRY(read_file(path, uint64_t{64} << 20));
  std::vector<std::string> classes;
  std::set<std::string_view> known;
  std::vector<std::string_view> lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  for (std::string_view line : lines) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || !known.insert(line).second) {
      return fail(ErrorCode::kBadFile, "{}, line {}: an empty or repeated class name '{}'",
                  display(path.native()), classes.size() + 1, display(line, 60));
    }
    classes.emplace_back(line);
  }
  if (classes.empty())
    return fail(ErrorCode::kBadFile, "{} names no classes", display(path.native()));
  return classes;
}

Result<TextEmbeddings> read_text_embeddings(const std::filesystem::path& array,
                                            const std::filesystem::path& classes) {
  TextEmbeddings text{TRY(read_classes(classes)), {}};
  const Tensor tensor = TRY(runner::read_npy(array));
  const std::string place = display(array.native());
  if (!is_float(tensor.dtype()) || tensor.shape().size() != 2 || tensor.shape()[1] < 1) {
    return fail_with_hint(
        ErrorCode::kBadFile,
        fmt::format("{} is {}, not f32[classes,dim]", place, nitro::text(tensor.type())),
        "python -m nitro.text makes such a file");
  }
  if (tensor.shape()[0] != std::ssize(text.classes)) {
    return fail(ErrorCode::kBadFile, "{} has {} rows for the {} classes of {}", place,
                tensor.shape()[0], text.classes.size(), display(classes.native()));
  }
  text.rows.dim = static_cast<size_t>(tensor.shape()[1]);
  const std::vector<double> values = tensor.as<double>();
  text.rows.values.assign(values.begin(), values.end());
  for (size_t i = 0; i < text.classes.size(); ++i) {
    const double scale = inverse_length(text.rows.row(i));
    if (scale == 0) {
      return fail(ErrorCode::kBadFile, "{}: row {} is zero or not finite", place, i);
    }
    for (size_t k = 0; k < text.rows.dim; ++k) {
      float& value = text.rows.values[i * text.rows.dim + k];
      value = static_cast<float>(value * scale);
    }
  }
  return text;
}

}  // namespace nitro::eval
