// The only file, with clock_edge.h, that knows the verilated model.
#include "rtl/rtl_node.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "Vd1_node.h"
#include "Vd1_node___024root.h"
#include "debug/lockstep.h"
#include "rtl/clock_edge.h"
#if VM_TRACE_FST
#include "verilated_fst_c.h"
#elif VM_TRACE_VCD
#include "verilated_vcd_c.h"
#endif

// Names inside the model: d1_node.u_core.tr_commit is NODE(u_core__DOT__tr_commit).
#define NODE(name) root->d1_node__DOT__##name
#define THREAD(t, name) NODE(u_core__DOT__gen_thread__BRA__##t##__KET____DOT__u_thread__DOT__##name)
// One value for each thread, as generate blocks have names of their own.
#define OF_THREAD(t, name) \
  ((t) == 0 ? THREAD(0, name) : (t) == 1 ? THREAD(1, name) : (t) == 2 ? THREAD(2, name) : THREAD(3, name))

namespace tatami::rtl {
namespace {

std::uint64_t word64(const std::uint32_t* words, unsigned index) {
  return words[2 * index] | std::uint64_t{words[2 * index + 1]} << 32;
}

/// Bits [low + width - 1 : low] of a wide value, at most 32.
std::uint32_t bits(const std::uint32_t* words, unsigned low, unsigned width) {
  const unsigned word = low / 32;
  const unsigned shift = low % 32;
  std::uint64_t value = words[word] >> shift;
  if (shift + width > 32) value |= std::uint64_t{words[word + 1]} << (32 - shift);
  return static_cast<std::uint32_t>(value & ((std::uint64_t{1} << width) - 1));
}

/// mcause of a traced cause, whose bit 5 marks interrupts.
std::uint64_t cause(std::uint32_t traced) { return std::uint64_t{traced >> 5} << 63 | (traced & 31); }

template <typename Wide>
const std::uint32_t* data(const Wide& wide) {
  static_assert(sizeof(wide[0]) == sizeof(std::uint32_t));
  return &wide[0];
}

}  // namespace

struct RtlNode::Impl {
  // What every cycle needs, in one line of the cache; ports are read at the root for the same reason.
  alignas(64) Vd1_node___024root* root = nullptr;
  std::uint64_t cycle = 0;
  bool skip = true;
  bool skipped = false;  // this cycle is not evaluated
  bool woken = true;     // something stands at the inputs
  bool settled = false;  // the logic follows the inputs that it depends on: all but the time
  std::array<NodeTrap, kThreads> traps;
  VerilatedContext context;
  std::unique_ptr<Vd1_node> model;
  // Tiles written at the end of the cycle before by dm.zero and dm.mv.t.v, bit 8*thread + tile: read from the unit one
  // cycle later.
  mutable std::uint32_t tiles_written = 0;
  // Of these the two that one dm.mv.t.v wrote, and the flags that it raised.
  mutable std::uint32_t row_tiles = 0;
  mutable golden::Flags row_flags = 0;
#if VM_TRACE_FST
  std::unique_ptr<VerilatedFstC> wave;
#elif VM_TRACE_VCD
  std::unique_ptr<VerilatedVcdC> wave;
#endif

  Impl() {
#if VM_TRACE_FST || VM_TRACE_VCD
    context.traceEverOn(true);
#endif
    context.randReset(0);
    context.threads(1);  // the model needs no pool of threads, which each context would start
    Verilated::threadContextp(&context);
    model = std::make_unique<Vd1_node>(&context, "node");
    root = model->rootp;
  }
  ~Impl() {
    // Scopes leave the thread's context, which may be that of a node that is already gone.
    Verilated::threadContextp(&context);
    model->final();
    model.reset();
  }

  void clock(bool level) {
    model->clk_i = level;
    model->eval();
    settled = true;
  }
  /// The tile as the unit holds it: rows that are marked zero read as +0.
  std::array<std::uint32_t, 64> tile(unsigned number) const {
    std::array<std::uint32_t, 64> values;
    const std::uint32_t* stored = data(NODE(u_core__DOT__u_matrix__DOT__u_tiles__DOT__tile_q)[number]);
    const std::uint32_t* zero = data(NODE(u_core__DOT__u_matrix__DOT__u_tiles__DOT__zero_q));
    for (unsigned row = 0; row < 8; ++row) {
      const bool cleared = (zero[row] >> number & 1) != 0;
      for (unsigned j = 0; j < 8; ++j) values[8 * row + j] = cleared ? 0 : stored[8 * row + j];
    }
    return values;
  }
  /// What the SIMD unit (0) or the matrix unit (1) adds to dflags in this cycle.
  golden::Flags flags(unsigned unit) const {
    if ((NODE(u_core__DOT__tr_flags_valid) >> unit & 1) == 0) return 0;
    return static_cast<golden::Flags>(NODE(u_core__DOT__tr_flags) >> 4 * unit & 15);
  }
  void report_results(debug::Lockstep& lockstep) const;
  void report_tiles(debug::Lockstep& lockstep) const;
  void report_commits(debug::Lockstep& lockstep) const;
  void report_memory(debug::Lockstep& lockstep) const;
};

RtlNode::RtlNode() : impl_(std::make_unique<Impl>()) {}
RtlNode::~RtlNode() = default;

void RtlNode::reset(const NodeConfig& config) {
  Vd1_node& model = *impl_->model;
  model.boot_pc_i = config.boot_pc;
  model.node_x_i = static_cast<std::uint8_t>(config.x);
  model.node_y_i = static_cast<std::uint8_t>(config.y);
  model.fab_w_i = static_cast<std::uint8_t>(config.width);
  model.fab_h_i = static_cast<std::uint8_t>(config.height);
  model.tohost_addr_i = config.tohost;
  model.cycle_i = 0;
  model.halt_i = 0;
  model.host_wake_i = 0;
  model.cfg_we_i = 0;
  model.req_tx_credit_i = model.rsp_tx_credit_i = 0;
  model.req_rx_valid_i = model.rsp_rx_valid_i = 0;
  model.rst_ni = 0;
  for (int i = 0; i < 2; ++i) {
    impl_->clock(false);
    impl_->clock(true);
  }
  impl_->clock(false);
  model.rst_ni = 1;
  impl_->woken = true;
  impl_->settled = false;
  impl_->tiles_written = impl_->row_tiles = 0;
}

void RtlNode::begin_cycle(std::uint64_t cycle) {
  impl_->cycle = cycle;
  // Tiles written at the end of the cycle before are still to be reported to lockstep.
  impl_->skipped = impl_->skip && !impl_->woken && impl_->root->quiet_o != 0 && impl_->tiles_written == 0;
  if (impl_->skipped) return;
  impl_->woken = false;
  impl_->root->cycle_i = cycle;
  if (!impl_->settled) impl_->clock(false);
  if (const unsigned now = traps(); now != 0) {
    const auto* root = impl_->root;
    for (unsigned t = 0; t < kThreads; ++t) {
      if ((now >> t & 1) == 0) continue;
      impl_->traps[t] = {t, cause(bits(&NODE(u_core__DOT__tr_cause), 6 * t, 6)),
                         word64(data(NODE(u_core__DOT__tr_pc)), t), word64(data(NODE(u_core__DOT__tr_tval)), t), cycle};
    }
  }
}

void RtlNode::skip_quiet(bool on) { impl_->skip = on; }

void RtlNode::finish_cycle() {
  if (impl_->skipped) return;
  if (rise(*impl_->root)) {
    if (impl_->root->host_wake_i == 0) return;
  } else {
    impl_->clock(true);
  }
  impl_->model->host_wake_i = 0;
  impl_->settled = false;
}

bool RtlNode::quiet() const { return impl_->root->quiet_o != 0; }

bool RtlNode::tohost(std::uint64_t& value) const {
  value = impl_->root->tohost_data_o;
  return impl_->root->tohost_valid_o != 0;
}

unsigned RtlNode::commits() const {
  const auto* root = impl_->root;
  return NODE(u_core__DOT__tr_commit);
}

unsigned RtlNode::traps() const {
  const auto* root = impl_->root;
  return NODE(u_core__DOT__tr_trap);
}

unsigned RtlNode::unhandled() const { return impl_->root->trap_unhandled_o; }
NodeTrap RtlNode::trap(unsigned thread) const { return impl_->traps[thread]; }

std::uint64_t RtlNode::list_error(unsigned thread) const {
  const auto* root = impl_->root;
  if ((NODE(list_error) >> thread & 1) == 0) return 0;
  return word64(data(NODE(list_tval)), thread);
}

std::optional<RtlNode::ListState> RtlNode::list() const {
  const auto* root = impl_->root;
  if (NODE(u_niu__DOT__u_mover__DOT__state_q) == 0) return std::nullopt;
  return ListState{NODE(u_niu__DOT__u_mover__DOT__thread_q),
                   golden::kMemoryBase + std::uint64_t{32} * NODE(u_niu__DOT__u_mover__DOT__index_q),
                   bits(data(NODE(u_niu__DOT__count_q)), 68, 17)};
}

std::optional<RtlNode::TriggerState> RtlNode::trigger(unsigned number) const {
  const auto* root = impl_->root;
  if ((NODE(u_trigger__DOT__armed_q) >> number & 1) == 0) return std::nullopt;
  return TriggerState{bits(&NODE(u_trigger__DOT__ctr_q), 5 * number, 5),
                      static_cast<unsigned>(NODE(u_trigger__DOT__count_q) >> 16 * number & 0xFFFF)};
}

void RtlNode::report(debug::Lockstep& lockstep) const {
  impl_->report_results(lockstep);
  impl_->report_tiles(lockstep);
  impl_->report_commits(lockstep);
  impl_->report_memory(lockstep);
}

void RtlNode::Impl::report_results(debug::Lockstep& lockstep) const {
  constexpr unsigned kSimd = 2;  // in tr_vwb
  const unsigned vectors = NODE(u_core__DOT__tr_vwb);
  const bool simd_to_x = (vectors >> kSimd & 1) == 0 && NODE(u_core__DOT__tr_row) == 0;
  if (simd_to_x && flags(0) != 0) lockstep.scalar_flags(NODE(u_core__DOT__tr_flags_thread) & 3, flags(0));
  const unsigned scalars = NODE(u_core__DOT__tr_gwb);
  for (unsigned t = 0; scalars >> t != 0; ++t) {
    if ((scalars >> t & 1) == 0) continue;
    lockstep.gpr_writeback(t, bits(&NODE(u_core__DOT__tr_gwb_reg), 5 * t, 5),
                           word64(data(NODE(u_core__DOT__tr_gwb_data)), t));
  }
  for (unsigned i = 0; vectors >> i != 0; ++i) {
    if ((vectors >> i & 1) == 0) continue;
    const std::uint32_t* lanes = data(NODE(u_core__DOT__tr_vwb_data)) + 16 * i;
    lockstep.vector_writeback(NODE(u_core__DOT__tr_vwb_thread) >> 2 * i & 3,
                              NODE(u_core__DOT__tr_vwb_reg) >> 5 * i & 31,
                              std::span<const std::uint32_t, 16>(lanes, 16), i == kSimd ? flags(0) : golden::Flags{0});
  }
}

void RtlNode::Impl::report_tiles(debug::Lockstep& lockstep) const {
  for (std::uint32_t left = tiles_written; left != 0; left &= left - 1) {
    const unsigned number = static_cast<unsigned>(std::countr_zero(left));
    const bool row = (row_tiles >> number & 1) != 0;
    lockstep.tile_writeback(number / 8, number % 8, tile(number), row ? row_flags : golden::Flags{0});
  }
  tiles_written = row_tiles = 0;
  if (NODE(u_core__DOT__u_matrix__DOT__done_valid_o) != 0) {
    lockstep.tile_writeback(
        NODE(u_core__DOT__u_matrix__DOT__done_thread_o), NODE(u_core__DOT__u_matrix__DOT__done_tile_o),
        std::span<const std::uint32_t, 64>(data(NODE(u_core__DOT__u_matrix__DOT__result)), 64), flags(1));
  }
  if (NODE(u_core__DOT__zero_valid) != 0) {
    tiles_written |= std::uint32_t{NODE(u_core__DOT__zero_mask)} << 8 * NODE(u_core__DOT__zero_thread);
  }
  if (NODE(u_core__DOT__tr_row) != 0) {
    const unsigned pair = NODE(u_core__DOT__tr_row_reg) >> 3 & 3;
    row_tiles = std::uint32_t{3} << (8 * NODE(u_core__DOT__tr_row_thread) + 2 * pair);
    row_flags = flags(0);
    tiles_written |= row_tiles;
  }
}

void RtlNode::Impl::report_commits(debug::Lockstep& lockstep) const {
  const unsigned commits = NODE(u_core__DOT__tr_commit);
  for (unsigned t = 0; commits >> t != 0; ++t) {
    if ((commits >> t & 1) == 0) continue;
    debug::Commit commit;
    commit.thread = t;
    commit.pc = word64(data(NODE(u_core__DOT__tr_pc)), t);
    commit.insn = data(NODE(u_core__DOT__tr_insn))[t];
    commit.trap = (NODE(u_core__DOT__tr_trap) >> t & 1) != 0;
    if (commit.trap) {
      commit.cause = cause(NODE(u_core__DOT__tr_cause) >> 6 * t & 63);
      commit.tval = word64(data(NODE(u_core__DOT__tr_tval)), t);
    }
    commit.rd_we = (NODE(u_core__DOT__tr_rd_we) >> t & 1) != 0;
    commit.rd = NODE(u_core__DOT__tr_rd) >> 5 * t & 31;
    commit.rd_value = word64(data(NODE(u_core__DOT__tr_rd_data)), t);
    lockstep.commit(commit);
  }
}

// Names of an LSU slot's trace, for the loop over both.
#define SLOT(s, name) NODE(u_lsu__DOT__u_slot##s##__DOT__##name)

void RtlNode::Impl::report_memory(debug::Lockstep& lockstep) const {
  const auto report_slot = [&](unsigned lanes, unsigned thread, bool write, const std::uint32_t* word,
                               std::uint64_t mask, const std::uint32_t* values) {
    for (unsigned lane = 0; lanes >> lane != 0; ++lane) {
      if ((lanes >> lane & 1) == 0) continue;
      lockstep.mem_event(thread, bits(word, 18 * lane, 18), static_cast<std::uint8_t>(mask >> 8 * lane), write,
                         word64(values, lane));
    }
  };
  report_slot(SLOT(0, tr_lanes), SLOT(0, tr_thread), SLOT(0, tr_we) != 0, data(SLOT(0, word_o)), SLOT(0, wmask_o),
              data(SLOT(0, wdata_o)));
  report_slot(SLOT(1, tr_lanes), SLOT(1, tr_thread), SLOT(1, tr_we) != 0, data(SLOT(1, word_o)), SLOT(1, wmask_o),
              data(SLOT(1, wdata_o)));

  if (NODE(u_niu__DOT__u_mover__DOT__state_q) == 0) lockstep.list_idle();
  // A packet was read in earlier cycles, and may be the last one of its descriptor.
  if (NODE(u_niu__DOT__packet) != 0)
    lockstep.list_packet(debug::ListCheck::Flit(data(NODE(u_niu__DOT__req_flit)), kFlitWords));
  const unsigned moved = NODE(u_niu__DOT__mover_gnt) & NODE(u_niu__DOT__mover_req);
  for (unsigned lane = 0; moved >> lane != 0; ++lane) {
    if ((moved >> lane & 1) != 0)
      lockstep.list_read(bits(data(NODE(u_niu__DOT__mover_word)), 18 * lane, 18),
                         NODE(u_niu__DOT__u_mover__DOT__fetch) != 0);
  }

  const unsigned network = NODE(nw_gnt) & NODE(nw_req);
  for (unsigned lane = 0; network >> lane != 0; ++lane) {
    if ((network >> lane & 1) == 0) continue;
    lockstep.external_write(bits(data(NODE(nw_word)), 18 * lane, 18),
                            static_cast<std::uint8_t>(NODE(nw_wmask) >> 8 * lane), word64(data(NODE(nw_wdata)), lane));
  }
}

bool RtlNode::skipped() const { return impl_->skipped; }

void RtlNode::configure(unsigned address, unsigned data) {
  Vd1_node& model = *impl_->model;
  // Nobody starts meanwhile: the halt that reset leaves set is kept by the input.
  model.halt_i = 1;
  model.cfg_we_i = 1;
  model.cfg_addr_i = static_cast<std::uint16_t>(address);
  model.cfg_data_i = data;
  impl_->clock(false);
  impl_->clock(true);
  model.halt_i = 0;
  model.cfg_we_i = 0;
  impl_->clock(false);
}

unsigned RtlNode::link_errors() const {
  // The node numbers requests 3:0, responses 7:4.
  const unsigned errors = impl_->root->link_error_o;
  unsigned links = 0;
  for (unsigned i = 0; errors >> i != 0; ++i) links |= (errors >> i & 1) << (2 * (i & 3) + i / 4);
  return links;
}

bool RtlNode::link_errors_handled() const { return impl_->model->link_trap_o != 0; }

bool RtlNode::link_out(std::array<Link, kLinks>& links) const {
  const auto& model = *impl_->root;
  const std::array<unsigned, 2> valid = {model.req_tx_valid_o, model.rsp_tx_valid_o};
  const std::array<unsigned, 2> credit = {model.req_rx_credit_o, model.rsp_rx_credit_o};
  if ((valid[0] | valid[1] | credit[0] | credit[1]) == 0) return false;
  for (unsigned i = 0; i < kLinks; ++i) {
    const unsigned port = i / 2;
    links[i].valid = (valid[i & 1] >> port & 1) != 0;
    links[i].credit = credit[i & 1] >> 5 * port & 31;
    if (!links[i].valid) continue;
    const std::uint32_t* const flits = (i & 1) == 0 ? data(model.req_tx_flit_o) : data(model.rsp_tx_flit_o);
    std::copy_n(flits + kFlitWords * port, kFlitWords, links[i].flit.begin());
  }
  return true;
}

void RtlNode::link_in(unsigned link, const Link& driven) {
  auto& model = *impl_->root;
  const unsigned port = link / 2;
  const bool response = (link & 1) != 0;
  auto& valid = response ? model.rsp_rx_valid_i : model.req_rx_valid_i;
  auto& credit = response ? model.rsp_tx_credit_i : model.req_tx_credit_i;
  valid = static_cast<std::uint8_t>((valid & ~(1U << port)) | unsigned{driven.valid} << port);
  credit = (credit & ~(31U << 5 * port)) | std::uint32_t{driven.credit} << 5 * port;
  if (!driven.idle()) impl_->woken = true;
  impl_->settled = false;
  if (driven.valid) {
    auto& flits = response ? model.rsp_rx_flit_i : model.req_rx_flit_i;
    std::copy_n(driven.flit.begin(), kFlitWords, &flits[kFlitWords * port]);
  }
}

std::uint32_t RtlNode::instruction(unsigned thread) const {
  const auto* root = impl_->root;
  return data(NODE(u_core__DOT__tr_insn))[thread];
}

bool RtlNode::matrix_starts() const {
  const auto* root = impl_->root;
  return NODE(u_core__DOT__u_matrix__DOT__active_o) != 0;
}

bool RtlNode::stores_into(std::uint64_t address, std::uint64_t bytes) const {
  const auto* root = impl_->root;
  if (SLOT(0, tr_we) == 0 || bytes == 0) return false;
  const std::uint64_t first = (address & 0x1F'FFFF) / 8;
  const std::uint64_t last = ((address & 0x1F'FFFF) + bytes - 1) / 8;
  for (unsigned lane = 0; lane < 8; ++lane) {
    const std::uint64_t word = bits(data(SLOT(0, word_o)), 18 * lane, 18);
    if ((SLOT(0, tr_lanes) >> lane & 1) != 0 && word >= first && word <= last) return true;
  }
  return false;
}

void RtlNode::wake() {
  impl_->model->host_wake_i = 1;
  impl_->woken = true;
  impl_->settled = false;
}

std::span<std::uint64_t> RtlNode::memory() {
  auto* root = impl_->root;
  auto& mem = NODE(u_sram__DOT__u_array__DOT__mem);
  static_assert(sizeof(mem[0]) == sizeof(std::uint64_t));
  return {reinterpret_cast<std::uint64_t*>(&mem[0]), kSramWords};
}

std::span<const std::byte> RtlNode::storage() const { return std::as_bytes(std::span(impl_->root, 1)); }

RtlNode::Footprint RtlNode::footprint() const {
  // Verilator places memories, the tiles among them, after everything else.
  const auto* root = impl_->root;
  const auto* const tiles = reinterpret_cast<const std::byte*>(&NODE(u_core__DOT__u_matrix__DOT__u_tiles__DOT__tile_q));
  const auto whole = storage();
  return {{this, &impl_->root}, whole.first(static_cast<std::size_t>(tiles - whole.data()))};
}

void RtlNode::clear_memory() { std::ranges::fill(memory(), 0); }

std::uint64_t RtlNode::pc(unsigned thread) const {
  const auto* root = impl_->root;
  return OF_THREAD(thread, x_pc_q);
}

std::uint64_t RtlNode::scalar(unsigned thread, unsigned reg) const {
  const auto* root = impl_->root;
  return (OF_THREAD(thread, u_xrf__DOT__seen_q) >> reg & 1) != 0 ? OF_THREAD(thread, u_xrf__DOT__mem)[reg] : 0;
}

std::uint32_t RtlNode::counter(unsigned number) const {
  const auto* root = impl_->root;
  return data(NODE(u_sync__DOT__counters_q))[number];
}

std::uint64_t RtlNode::event(unsigned thread, unsigned number) const {
  const auto* root = impl_->root;
  switch (number) {
    case 3: return OF_THREAD(thread, u_csr__DOT__count3_q);
    case 4: return OF_THREAD(thread, u_csr__DOT__count4_q);
    case 5: return OF_THREAD(thread, u_csr__DOT__count5_q);
    case 6: return OF_THREAD(thread, u_csr__DOT__count6_q);
    case 7: return OF_THREAD(thread, u_csr__DOT__count7_q);
    case 8: return OF_THREAD(thread, u_csr__DOT__count8_q);
    case 9: return OF_THREAD(thread, u_csr__DOT__count9_q);
    case 10: return OF_THREAD(thread, u_csr__DOT__count10_q);
    case 11: return OF_THREAD(thread, u_csr__DOT__count11_q);
    case 12: return OF_THREAD(thread, u_csr__DOT__count12_q);
    case 13: return OF_THREAD(thread, u_csr__DOT__count13_q);
    case 14: return OF_THREAD(thread, u_csr__DOT__count14_q);
    case 15: return OF_THREAD(thread, u_csr__DOT__asleep_total_q);
    case 16: return OF_THREAD(thread, u_csr__DOT__count16_q);
    case 22: return OF_THREAD(thread, u_csr__DOT__muldiv_q);
    default: break;
  }
  if (number >= 17 && number <= 21) return word64(data(NODE(u_core__DOT__node_events)), number - 17);
  if (number >= 23 && number <= 31) return word64(data(NODE(link_events)), number - 23);
  return 0;
}

std::string RtlNode::wave_format() {
#if VM_TRACE_FST
  return "fst";
#elif VM_TRACE_VCD
  return "vcd";
#else
  return "";
#endif
}

#if VM_TRACE_FST || VM_TRACE_VCD
bool RtlNode::open_wave(const std::string& path) {
  impl_->wave = std::make_unique<std::remove_reference_t<decltype(*impl_->wave)>>();
  impl_->model->trace(impl_->wave.get(), 99);
  impl_->wave->open(path.c_str());
  return impl_->wave->isOpen();
}

void RtlNode::close_wave() {
  if (impl_->wave) impl_->wave->close();
  impl_->wave.reset();
}

void RtlNode::dump() { impl_->wave->dump(impl_->cycle); }
#else
bool RtlNode::open_wave(const std::string&) { return false; }
void RtlNode::close_wave() {}
void RtlNode::dump() {}
#endif

}  // namespace tatami::rtl
