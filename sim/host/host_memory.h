// Whether this computer can hold a fabric, asked before it is built.
#pragma once

#include <cstdint>
#include <string>

#include "host/shape.h"

namespace tatami {

/// Bytes that this process may still take: the least of what the computer has left (swap included), its control group,
/// and the limit on its address space. Limits that cannot be read do not count.
std::uint64_t memory_left();

/// Throws InputError, which says what is needed and what is there, if the nodes do not fit. `node_bytes` is what one
/// takes; `advice` what else than fewer nodes would help, "" or "; ...".
void require_memory(const FabricShape& shape, std::uint64_t node_bytes, const std::string& advice);

}  // namespace tatami
