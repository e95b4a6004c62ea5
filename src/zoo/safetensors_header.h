#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "zoo/safetensors.h"

namespace nitro::zoo {

/// The tensors that a header describes. `data_begin` and `file_bytes` bound the data in the file.
Result<std::map<std::string, StoredTensor, std::less<>>> parse_safetensors_header(
    std::string_view text, uint64_t data_begin, uint64_t file_bytes);

}  // namespace nitro::zoo
