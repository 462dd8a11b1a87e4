// The functions of the instructions, by group. Each handler_ function returns nullptr for instructions of other groups.
#pragma once

#include <cstdint>

#include "golden/hart.h"

namespace tatami::golden {

Handler scalar_handler(isa::Op op);   ///< RV64IM, CSRs, fences, wfi, mret
Handler memory_handler(isa::Op op);   ///< scalar and vector loads and stores, atomics
Handler vector_handler(isa::Op op);   ///< vector arithmetic
Handler matrix_handler(isa::Op op);   ///< tiles
Handler network_handler(isa::Op op);  ///< network, counters, barriers

/// The event counter (docs/isa.md, section 2.1) that counts `op`; 0 for none. Taken branches are counted by Hart::jump.
std::uint8_t event_of(isa::Op op);

/// True if using descriptor `number` is allowed; traps otherwise.
bool check_descriptor(Hart& hart, Record& record, unsigned number);

}  // namespace tatami::golden
