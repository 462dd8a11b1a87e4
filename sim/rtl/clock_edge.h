// The clock edge of a verilated node without the rest of Verilator's eval().
#pragma once

#include "Vd1_node___024root.h"

// Where Verilator puts what happens at a clock edge. Weak: a version without it runs all the same.
__attribute__((weak)) void Vd1_node___024root___eval_nba(Vd1_node___024root*);

namespace tatami::rtl {

/// The clock edge alone, which will do because the node's logic is settled. Verilator's eval() settles what depends on
/// inputs at both edges of the clock, a tenth of the work of a busy node. False, and nothing done, where eval() does
/// more: models with waves, which show the clock, and with assertions, whose operands it samples; and in versions of
/// Verilator with other names. Clock and reset are all that triggers.
template <typename Root>
bool rise([[maybe_unused]] Root& root) {
#if !VM_TRACE
  constexpr bool kSamples = requires { root.__Vsampled__TOP__rst_ni; };
  constexpr bool kTriggers = requires {
    requires sizeof root.__VnbaTriggered == 2;
    root.__VnbaTriggered.at(0) = true;
  };
  if constexpr (kTriggers && !kSamples) {
    if (Vd1_node___024root___eval_nba == nullptr) return false;
    root.__VnbaTriggered.at(0) = root.__VnbaTriggered.at(1) = true;
    Vd1_node___024root___eval_nba(&root);
    return true;
  }
#endif
  return false;
}

}  // namespace tatami::rtl
