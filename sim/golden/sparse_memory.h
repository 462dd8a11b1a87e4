// Bytes of a large memory of which little is used: pages exist once something is written to them, the rest reads as 0.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <unordered_map>

namespace tatami {

class SparseMemory {
 public:
  static constexpr std::uint64_t kBytes = std::uint64_t{1} << 32;

  /// The caller has seen to it that offset + size <= kBytes.
  void read(std::uint64_t offset, void* to, std::uint64_t size) const {
    auto* out = static_cast<std::uint8_t*>(to);
    each_page(offset, size, [&](std::uint64_t page, std::uint64_t at, std::uint64_t count) {
      const auto found = pages_.find(page);
      if (found == pages_.end()) {
        std::memset(out, 0, count);
      } else {
        std::memcpy(out, found->second->data() + at, count);
      }
      out += count;
    });
  }
  void write(std::uint64_t offset, const void* from, std::uint64_t size) {
    const auto* in = static_cast<const std::uint8_t*>(from);
    each_page(offset, size, [&](std::uint64_t page, std::uint64_t at, std::uint64_t count) {
      auto& bytes = pages_[page];
      if (!bytes) bytes = std::make_unique<Page>();
      std::memcpy(bytes->data() + at, in, count);
      in += count;
    });
  }
  void clear() { pages_.clear(); }

 private:
  static constexpr std::uint64_t kPage = 65'536;
  using Page = std::array<std::uint8_t, kPage>;

  template <typename Action>
  static void each_page(std::uint64_t offset, std::uint64_t size, Action&& action) {
    while (size != 0) {
      const std::uint64_t at = offset % kPage;
      const std::uint64_t count = std::min(size, kPage - at);
      action(offset / kPage, at, count);
      offset += count;
      size -= count;
    }
  }

  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
};

}  // namespace tatami
