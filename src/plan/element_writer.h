#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "ir/shape.h"
#include "plan/element_index.h"

namespace nitro::plan {

/// How the lanes' parts of an accumulator are put together. NaN wins in kLargest and kSmallest, and
/// loses in kMaximum.
enum class Combine : uint8_t { kSum, kProduct, kMaximum, kLargest, kSmallest };

/// Text of generated code: constants in nested scopes, each expression computed once per scope, and
/// arithmetic on indices.
class Writer {
 public:
  /// `wide`: indices need 64 bits. `lanes` threads run the code together.
  Writer(bool wide, int64_t lanes) : wide_(wide), lanes_(lanes) {}

  /// The name of a constant with the value of `expression`, which nothing in it may change later.
  std::string let(std::string_view type, const std::string& expression);
  /// A new variable.
  std::string variable(std::string_view type, std::string_view initial);
  void line(std::string_view text);
  /// `text` followed by a block, up to close().
  void open(std::string_view text);
  void close();

  /// What `key` was remembered as in this scope or those around it; empty if it was not.
  std::string remembered(const std::string& key) const;
  void remember(std::string key, std::string value) { scopes_.back()[std::move(key)] = value; }

  /// Opens a loop over [0, count).
  Index loop(int64_t count);
  /// The same, shared among the lanes if they are all here.
  Index lane_loop(int64_t count);
  /// What `compute` writes. Inside a loop that lanes share, a later one over as many elements finds
  /// it under `key`, which names all it depends on.
  std::string kept(const std::string& key, const std::function<std::string()>& compute,
                   std::string_view type = "float");
  /// Whether kept() does that for `values` in a loop over so many elements here.
  bool keeps(int64_t count, int64_t values) const;
  /// Whether the lanes are all here.
  bool together() const { return lanes_ > 1 && apart_ == 0; }

  struct Accumulator {
    std::string name;
    Combine how;
  };
  /// Runs `body` for each index below count, which changes floating-point accumulators that began
  /// at their neutral element; afterwards all lanes have their totals.
  void reduce(int64_t count, std::span<const Accumulator> accumulators,
              const std::function<void(const Index&)>& body);

  /// x / divisor and x % divisor, of x not negative.
  std::pair<Index, Index> divide(const Index& x, int64_t divisor);
  /// The position along each axis of element x.
  std::vector<Index> unravel(const Index& x, const Shape& shape);
  static Index ravel(std::span<const Index> position, std::span<const int64_t> strides);
  /// The element of `from` that element x of `to`, to which it is broadcast, shows.
  Index broadcast(const Index& x, const Shape& from, const Shape& to);
  /// x as one variable.
  Index named(const Index& x);

  std::string_view index_type() const { return wide_ ? "long long" : "int"; }
  const std::string& text() const { return text_; }

 private:
  /// The loop around that lanes share, if it is short enough for registers.
  struct SharedLoop {
    size_t text = 0;    // where it starts
    size_t scopes = 0;  // around its body
    int64_t steps = 0;
    std::string step;
  };

  std::string name();
  Index open_loop(int64_t count);
  Index open_shared_loop(int64_t count);

  bool wide_;
  int64_t lanes_;
  int64_t apart_ = 0;  // loops around that are shared among lanes
  std::vector<bool> sharing_ = {};
  SharedLoop shared_ = {};
  int64_t names_ = 0;
  std::map<std::string, std::string> constants_ = {};  // and their types
  std::vector<std::map<std::string, std::string>> scopes_ = {{}};
  std::string text_;
};

}  // namespace nitro::plan
