#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace nitro {

/// Makes the items 0 .. count - 1 on threads of its own and hands them out in order. At most
/// `ahead` of them exist before they are taken, so memory is bounded however slow the taker is.
template <class Item>
class ReadAhead {
 public:
  /// `make(i)` is called from several threads and must not throw. `threads` and `ahead` are at
  /// least 1.
  ReadAhead(size_t count, size_t threads, size_t ahead, std::function<Item(size_t)> make)
      : count_(count), make_(std::move(make)), slots_(ahead) {
    for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;
  /// Waits for the items that are being made, and for no others.
  ~ReadAhead() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    room_.notify_all();
  }

  /// The next item; nothing after the last. For one taker.
  std::optional<Item> next() {
    std::unique_lock lock(mutex_);
    if (taken_ == count_) return std::nullopt;
    std::optional<Item>& slot = slots_[taken_ % slots_.size()];
    made_.wait(lock, [&] { return slot.has_value(); });
    std::optional<Item> item = std::exchange(slot, std::nullopt);
    ++taken_;
    room_.notify_one();
    return item;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      room_.wait(lock, [this] {
        return stopping_ || begun_ == count_ || begun_ < taken_ + slots_.size();
      });
      if (stopping_ || begun_ == count_) return;
      const size_t index = begun_++;
      lock.unlock();
      Item item = make_(index);
      lock.lock();
      slots_[index % slots_.size()] = std::move(item);
      made_.notify_one();
      if (begun_ == count_) room_.notify_all();
    }
  }

  const size_t count_;
  const std::function<Item(size_t)> make_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable made_;
  std::vector<std::optional<Item>> slots_;  // item i is in slot i % ahead
  size_t begun_ = 0;
  size_t taken_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> threads_;  // last: joined before the rest goes
};

}  // namespace nitro
