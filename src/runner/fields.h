#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "ir/tensor.h"

namespace nitro::runner {

// Strict reads of a member of a message. Each fails with kRunnerFailed, naming the member.

Result<std::string> text_field(const Json& object, std::string_view key);
/// An integer of at least `minimum`.
Result<int64_t> integer_field(const Json& object, std::string_view key, int64_t minimum);
/// A number of at least 0.
Result<double> amount_field(const Json& object, std::string_view key);
Result<bool> bool_field(const Json& object, std::string_view key);
/// Points into `object`, as object_field() does.
Result<const Json*> array_field(const Json& object, std::string_view key);
Result<const Json*> object_field(const Json& object, std::string_view key);
Result<std::vector<std::string>> texts_field(const Json& object, std::string_view key);
/// Integers, each at least `minimum`.
Result<std::vector<int64_t>> integers_field(const Json& object, std::string_view key,
                                            int64_t minimum);

/// The `shapes` of a request to load a model, of inputs with free dimensions; none where it has no
/// such member.
Result<std::map<std::string, Shape>> shapes_field(const Json& request);

}  // namespace nitro::runner
