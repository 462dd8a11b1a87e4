// The flat RTL mesh of 2 x 2 nodes, stepped like a fabric of single nodes and read out in the same terms.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include "Vd1_mesh.h"
#include "Vd1_mesh___024root.h"
#include "rtl/rtl_node.h"
#include "verilated_syms.h"

namespace tatami::test {

class FlatMesh {
 public:
  static constexpr unsigned kWidth = 2, kHeight = 2, kNodes = kWidth * kHeight;
  static constexpr unsigned kOuter = 2 * (kWidth + kHeight);  ///< outer links of each class

  /// The node and port of an outer link, by the numbering of d1_mesh.
  struct Outer {
    unsigned node, port;
  };
  static constexpr Outer outer(unsigned number) {
    if (number < kWidth) return {number, 0};
    if (number < kWidth + kHeight) return {(number - kWidth) * kWidth + kWidth - 1, 1};
    if (number < 2 * kWidth + kHeight) return {(kHeight - 1) * kWidth + number - kWidth - kHeight, 2};
    return {(number - 2 * kWidth - kHeight) * kWidth, 3};
  }

  FlatMesh() {
    context_.randReset(0);
    Verilated::threadContextp(&context_);
    model_ = std::make_unique<Vd1_mesh>(&context_, "mesh");
    for (unsigned node = 0; node < kNodes; ++node) {
      memory_[node] = {static_cast<std::uint64_t*>(variable(node, "u_node.u_sram.u_array", "mem").datap()),
                       rtl::kSramWords};
    }
  }
  ~FlatMesh() {
    Verilated::threadContextp(&context_);
    model_->final();
    model_.reset();
  }

  void reset(std::uint64_t boot_pc, std::uint64_t tohost) {
    Vd1_mesh& m = *model_;
    m.boot_pc_i = boot_pc;
    m.tohost_addr_i = tohost;
    m.cycle_i = 0;
    m.halt_i = 0;
    m.host_wake_i = 0;
    m.cfg_we_i = 0;
    m.req_rx_valid_i = m.rsp_rx_valid_i = 0;
    m.req_tx_credit_i = m.rsp_tx_credit_i = 0;
    m.rst_ni = 0;
    for (int i = 0; i < 2; ++i) {
      clock(false);
      clock(true);
    }
    clock(false);
    m.rst_ni = 1;
  }

  /// The two halves of a cycle.
  void settle(std::uint64_t cycle) {
    model_->cycle_i = cycle;
    clock(false);
  }
  void edge() { clock(true); }

  /// What a node drives onto a link; after settle().
  rtl::Link driven(unsigned node, unsigned link) const {
    const auto* root = model_->rootp;
    const bool response = (link & 1) != 0;
    const unsigned number = 4 * node + link / 2;
    rtl::Link out;
    out.valid = bit(response ? &root->d1_mesh__DOT__rsp_tx_valid : &root->d1_mesh__DOT__req_tx_valid, number);
    for (unsigned queue = 0; queue < 5; ++queue) {
      const unsigned place = 5 * number + queue;
      const auto& words = response ? root->d1_mesh__DOT__rsp_rx_credit : root->d1_mesh__DOT__req_rx_credit;
      out.credit |= static_cast<std::uint8_t>((words[place / 32] >> place % 32 & 1) << queue);
    }
    const auto& flits = response ? root->d1_mesh__DOT__rsp_tx_flit : root->d1_mesh__DOT__req_tx_flit;
    if (out.valid) std::copy_n(&flits[rtl::kFlitWords * number], rtl::kFlitWords, out.flit.begin());
    return out;
  }

  /// What leaves by an outer link of the mesh, as its ports show it.
  rtl::Link outer_out(unsigned number, bool response) const {
    const Vd1_mesh& m = *model_;
    rtl::Link out;
    out.valid = ((response ? m.rsp_tx_valid_o : m.req_tx_valid_o) >> number & 1) != 0;
    out.credit = (response ? m.rsp_rx_credit_o : m.req_rx_credit_o) >> 5 * number & 31;
    const auto& flits = response ? m.rsp_tx_flit_o : m.req_tx_flit_o;
    if (out.valid) std::copy_n(&flits[rtl::kFlitWords * number], rtl::kFlitWords, out.flit.begin());
    return out;
  }
  /// What enters by it, from the next settle() on.
  void outer_in(unsigned number, bool response, const rtl::Link& driven) {
    Vd1_mesh& m = *model_;
    auto& valid = response ? m.rsp_rx_valid_i : m.req_rx_valid_i;
    auto& credit = response ? m.rsp_tx_credit_i : m.req_tx_credit_i;
    valid = static_cast<std::uint8_t>((valid & ~(1U << number)) | unsigned{driven.valid} << number);
    credit = (credit & ~(std::uint64_t{31} << 5 * number)) | std::uint64_t{driven.credit} << 5 * number;
    auto& flits = response ? m.rsp_rx_flit_i : m.req_rx_flit_i;
    if (driven.valid) std::copy_n(driven.flit.begin(), rtl::kFlitWords, &flits[rtl::kFlitWords * number]);
  }

  bool quiet(unsigned node) const { return (model_->quiet_o >> node & 1) != 0; }
  bool tohost(unsigned node) const { return (model_->tohost_valid_o >> node & 1) != 0; }
  unsigned link_errors() const { return model_->link_error_o; }
  std::span<std::uint64_t> memory(unsigned node) { return memory_[node]; }

  /// Event counter 3..31, as RtlNode::event().
  std::uint64_t event(unsigned node, unsigned thread, unsigned number) const {
    if (number >= 17 && number <= 21) return value(node, "u_node.u_core", "node_events", 8 * (number - 17));
    if (number >= 23 && number <= 31) return value(node, "u_node", "link_events", 8 * (number - 23));
    const std::string name = number == 15   ? "asleep_total_q"
                             : number == 22 ? "muldiv_q"
                                            : "count" + std::to_string(number) + "_q";
    return value(node, "u_node.u_core.gen_thread[" + std::to_string(thread) + "].u_thread.u_csr", name, 0);
  }
  std::uint32_t counter(unsigned node, unsigned number) const {
    return static_cast<std::uint32_t>(value(node, "u_node.u_sync", "counters_q", 4 * number));
  }

 private:
  void clock(bool level) {
    Verilated::threadContextp(&context_);
    model_->clk_i = level;
    model_->eval();
  }

  template <typename Word>
  static bool bit(const Word* word, unsigned number) {
    return (*word >> number & 1) != 0;
  }

  /// A public variable; scopes are named by the model's hierarchy.
  VerilatedVar& variable(unsigned node, const std::string& below, const char* name) const {
    const std::string end =
        "gen_row[" + std::to_string(node / kWidth) + "].gen_column[" + std::to_string(node % kWidth) + "]." + below;
    for (const auto& [path, scope] : *context_.scopeNameMap()) {
      if (!std::string_view(path).ends_with(end)) continue;
      if (VerilatedVar* const found = scope->varFind(name)) return *found;
    }
    std::string known;
    for (const auto& [path, scope] : *context_.scopeNameMap()) known += std::string("\n") + path;
    throw std::logic_error("the flat mesh has no variable " + std::string(name) + " in " + end +
                           "; its scopes:" + known);
  }

  /// 4 or 8 bytes of a variable from byte `at` on.
  std::uint64_t value(unsigned node, const std::string& below, const std::string& name, std::size_t at) const {
    const VerilatedVar& found = variable(node, below, name.c_str());
    std::uint64_t result = 0;
    const std::size_t bytes = found.totalSize();
    if (at < bytes) {
      std::memcpy(&result, static_cast<const char*>(found.datap()) + at, std::min<std::size_t>(8, bytes - at));
    }
    return result;
  }

  mutable VerilatedContext context_;  // its map of scopes has no const access
  std::unique_ptr<Vd1_mesh> model_;
  std::array<std::span<std::uint64_t>, kNodes> memory_;
};

}  // namespace tatami::test
