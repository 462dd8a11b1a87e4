// A queue that keeps its storage: what is pushed and popped every cycle should not allocate.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tatami::debug {

/// Like std::deque as far as it goes, but pushing may move the elements.
template <typename T>
class Fifo {
 public:
  bool empty() const { return head_ == items_.size(); }
  std::size_t size() const { return items_.size() - head_; }
  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  T& back() { return items_.back(); }
  const T& back() const { return items_.back(); }
  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() const { return items_.end(); }

  template <typename... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    if (head_ >= kMostDead) {
      items_.erase(items_.begin(), begin());
      head_ = 0;
    }
    return items_.emplace_back(std::forward<Arguments>(arguments)...);
  }
  void push_back(const T& item) { emplace_back(item); }
  void pop_front() {
    ++head_;
    if (empty()) clear();
  }
  void pop_back() {
    items_.pop_back();
    if (empty()) clear();
  }
  void clear() {
    items_.clear();
    head_ = 0;
  }

 private:
  static constexpr std::size_t kMostDead = 64;  // popped elements that are kept before the rest is moved to the front

  std::vector<T> items_;
  std::size_t head_ = 0;
};

}  // namespace tatami::debug
