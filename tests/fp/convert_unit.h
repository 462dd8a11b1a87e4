// Drives d1_convert alone, one conversion a cycle with explicit random bits, and compares registers and flags.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <iomanip>
#include <sstream>

#include "Vd1_convert.h"
#include "golden/convert.h"
#include "verilated.h"

namespace tatami::fp {

using Lanes = std::array<std::uint32_t, 16>;

inline void set_element(Lanes& v, int bytes, int index, std::uint32_t code) {
  std::memcpy(reinterpret_cast<char*>(v.data()) + bytes * index, &code, static_cast<std::size_t>(bytes));
}

class ConvertUnit {
 public:
  ConvertUnit() {
    top_.rst_ni = 0;
    tick();
    top_.rst_ni = 1;
  }
  ~ConvertUnit() {
    drain();
    top_.final();
  }

  /// Converts the low elements of `source` into the low elements of a zero register. Checked two issues later.
  void issue(const Lanes& source, golden::Descriptor from, golden::Descriptor to, const Lanes& random,
             const Lanes& want, golden::Flags flags) {
    Pending& p = ring_[count_ % 3];
    p = {true, from, to, source, random, want, flags};
    top_.en_i = 1;
    top_.sdesc_i = from.packed();
    top_.ddesc_i = to.packed();
    top_.part_i = 0;
    std::memcpy(&top_.src_i, source.data(), 64);
    advance();
  }

  void drain() {
    top_.en_i = 0;
    for (int n = 0; n < 3; ++n) {
      ring_[count_ % 3].valid = false;
      advance();
    }
  }

  std::uint64_t conversions() const { return conversions_; }
  bool failed() const { return failures_ >= kMaxFailures; }

 private:
  static constexpr int kMaxFailures = 5;

  struct Pending {
    bool valid = false;
    golden::Descriptor from, to;
    Lanes source{}, random{}, want{};
    golden::Flags flags = 0;
  };

  void tick() {
    top_.clk_i = 1;
    top_.eval();
    top_.clk_i = 0;
    top_.eval();
  }

  // The operation issued two cycles ago is in E3: it reads its random bits now and its result stands after the edge.
  void advance() {
    const Pending& p = ring_[(count_ + 1) % 3];
    if (p.valid && p.to.rounding() == golden::Rounding::stochastic) std::memcpy(&top_.random_i, p.random.data(), 64);
    tick();
    ++count_;
    if (!p.valid) return;
    ++conversions_;
    if (std::memcmp(&top_.res_o, p.want.data(), 64) != 0 || top_.flags_o != p.flags) report(p);
  }

  void report(const Pending& p) {
    if (++failures_ > kMaxFailures) return;
    Lanes got;
    std::memcpy(got.data(), &top_.res_o, 64);
    std::ostringstream text;
    text << std::hex << std::setfill('0') << "descriptors " << p.from.packed() << " -> " << p.to.packed()
         << ", flags expected " << int{p.flags} << ", got " << int{top_.flags_o} << "\n";
    const auto line = [&](const char* name, const Lanes& v) {
      text << "  " << name;
      for (const std::uint32_t word : v) text << ' ' << std::setw(8) << word;
      text << "\n";
    };
    line("source  ", p.source);
    line("random  ", p.random);
    line("expected", p.want);
    line("got     ", got);
    ADD_FAILURE() << text.str();
  }

  VerilatedContext context_;
  Vd1_convert top_{&context_};
  std::array<Pending, 3> ring_;
  std::uint64_t count_ = 0;
  std::uint64_t conversions_ = 0;
  int failures_ = 0;
};

}  // namespace tatami::fp
