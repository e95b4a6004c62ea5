#pragma once

#include <map>
#include <set>
#include <utility>

#include "runner/fields.h"
#include "runner/protocol.h"

namespace nitro::runner {

/// The models that a runner has loaded, by the handles that it gives out.
template <class Model>
class LoadedModels {
 public:
  /// Keeps `model`; its handle.
  std::pair<Handle, Model*> add(Model model) {
    fresh_.insert(next_);
    Model* const kept = &models_.emplace(next_, std::move(model)).first->second;
    return {next_++, kept};
  }

  /// That of the `handle` of a request or a call; kUsage where it has none.
  Result<Model*> of(const Json& call) {
    const Handle handle = TRY(integer_field(call, "handle", 1));
    const auto found = models_.find(handle);
    if (found == models_.end()) return fail(ErrorCode::kUsage, "no model has handle {}", handle);
    return &found->second;
  }

  /// Notes that it runs; whether it never did before.
  bool run(const Json& call) { return fresh_.erase(call.at("handle").as_integer()) > 0; }

  /// Forgets it: the members of the reply to `unload`.
  Result<Json> unload(const Json& request) {
    TRY(of(request));
    const Handle handle = request.at("handle").as_integer();
    models_.erase(handle);
    fresh_.erase(handle);
    return Json::object();
  }

 private:
  std::map<Handle, Model> models_;
  std::set<Handle> fresh_;  // that never ran
  Handle next_ = 1;
};

}  // namespace nitro::runner
