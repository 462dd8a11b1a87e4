// A barrier for few threads that meet millions of times a second.
#pragma once

#include <atomic>
#include <thread>

namespace tatami::fabric {

/// All `threads` threads wait for each other; what each has written before is visible to all afterwards. Waiting spins
/// for some microseconds, the length of a cycle of a few nodes, and then lets other processes run.
class SpinBarrier {
 public:
  explicit SpinBarrier(unsigned threads) : threads_(threads) {}

  void wait() {
    if (threads_ == 1) return;
    const unsigned turn = turn_.load(std::memory_order_acquire);
    if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == threads_) {
      arrived_.store(0, std::memory_order_relaxed);
      turn_.store(turn + 1, std::memory_order_release);
      return;
    }
    for (unsigned spins = 0; turn_.load(std::memory_order_acquire) == turn; ++spins) {
      if (spins < kSpins) {
        pause();
      } else {
        std::this_thread::yield();
      }
    }
  }

 private:
  static constexpr unsigned kSpins = 4000;
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  const unsigned threads_;
  alignas(64) std::atomic<unsigned> arrived_{0};
  alignas(64) std::atomic<unsigned> turn_{0};
};

}  // namespace tatami::fabric
