#pragma once

#include "base/text.h"
#include "onnx/import_node.h"

namespace nitro::onnx {

/// Whether string attribute `name`, `no` where it is absent, is `yes`; kBadModel for a third word.
inline Result<bool> read_word(const ImportNode& node, std::string_view name, std::string_view no,
                              std::string_view yes) {
  const Result<std::string> word = node.string(name, no);
  if (!word) return std::unexpected(word.error());
  if (*word == yes) return true;
  if (*word == no) return false;
  return fail(ErrorCode::kBadModel, "{} must be {} or {}, not '{}'", name, no, yes, display(*word));
}

}  // namespace nitro::onnx
