#include "ir/dtype.h"

#include <array>
#include <utility>

namespace nitro {
namespace {

struct Row {
  std::string_view name;
  int64_t size;
};
constexpr std::array<Row, kDTypeCount> kRows = {{{"f32", 4},
                                                 {"f16", 2},
                                                 {"bf16", 2},
                                                 {"f64", 8},
                                                 {"i8", 1},
                                                 {"u8", 1},
                                                 {"i32", 4},
                                                 {"i64", 8},
                                                 {"bool", 1}}};

}  // namespace

std::string_view name(DType dtype) { return kRows[std::to_underlying(dtype)].name; }

std::optional<DType> parse_dtype(std::string_view name) {
  for (size_t i = 0; i < kRows.size(); ++i) {
    if (kRows[i].name == name) return static_cast<DType>(i);
  }
  return std::nullopt;
}

int64_t size_of(DType dtype) { return kRows[std::to_underlying(dtype)].size; }

bool is_float(DType dtype) { return dtype <= DType::kF64; }

bool is_byte(DType dtype) { return dtype == DType::kI8 || dtype == DType::kU8; }

bool is_integer(DType dtype) { return !is_float(dtype) && dtype != DType::kBool; }

}  // namespace nitro
