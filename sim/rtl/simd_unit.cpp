#include "rtl/simd_unit.h"

#include <cstring>
#include <stdexcept>

#include "Vd1_simd.h"
#include "verilated.h"

namespace tatami::rtl {

struct SimdUnit::Model {
  VerilatedContext context;
  Vd1_simd rtl{&context};
  std::uint64_t cycles = 0;

  /// The clock edge that ends a cycle.
  void tick() {
    rtl.clk_i = 1;
    rtl.eval();
    rtl.clk_i = 0;
    rtl.eval();
    ++cycles;
  }
};

SimdUnit::SimdUnit() : model_(std::make_unique<Model>()) {
  model_->rtl.rst_ni = 0;
  model_->tick();
  model_->tick();
  model_->rtl.rst_ni = 1;
  model_->tick();
}

SimdUnit::~SimdUnit() = default;

std::uint64_t SimdUnit::cycles() const { return model_->cycles; }

void SimdUnit::run(std::span<const SimdOperation> operations, std::span<SimdResult> results) {
  constexpr std::size_t kLatency = 4;  // from issue to result
  Vd1_simd& rtl = model_->rtl;
  if (results.size() < operations.size()) throw std::logic_error("SimdUnit: fewer results than operations");
  for (std::size_t cycle = 0; cycle < operations.size() + kLatency; ++cycle) {
    rtl.valid_i = cycle < operations.size();
    if (rtl.valid_i != 0) {
      const SimdOperation& operation = operations[cycle];
      rtl.insn_i = operation.insn;
      std::memcpy(&rtl.vs1_i, operation.vs1.data(), sizeof(Lanes));
      std::memcpy(&rtl.vs2_i, operation.vs2.data(), sizeof(Lanes));
      std::memcpy(&rtl.vd_i, operation.vd.data(), sizeof(Lanes));
      rtl.sdesc_i = operation.source.packed();
      rtl.ddesc_i = operation.destination.packed();
      rtl.seed_i = operation.seed;
      rtl.count_i = operation.count;
    }
    // What follows depends on registers only, which the last edge has set.
    if (rtl.valid_i != 0 && rtl.ready_o == 0) throw std::logic_error("d1_simd refuses an instruction");
    const bool due = cycle >= kLatency;
    if ((rtl.res_valid_o != 0) != due)
      throw std::logic_error(due ? "d1_simd: no result after four cycles" : "d1_simd: a result nobody asked for");
    if (due) {
      SimdResult& result = results[cycle - kLatency];
      std::memcpy(result.data.data(), &rtl.res_data_o, sizeof(Lanes));
      result.flags = rtl.res_flags_o;
    }
    model_->tick();
  }
}

}  // namespace tatami::rtl
