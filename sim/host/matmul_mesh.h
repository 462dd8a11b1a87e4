// One matrix product on many nodes: how it is distributed, run and gathered. See tatami/matmul_mesh_args.h.
#pragma once

#include "host/matmul.h"

namespace tatami {

/// Like run_matmul(), on all nodes of the device. Operands must be of 8 or 16 bits, and 2 to 4 threads work in each
/// node. Throws InputError if the operands do not fit in the nodes' memory.
MatmulOutcome run_matmul_mesh(Device& device, const Program& kernel, const MatmulProblem& problem, int threads,
                              const RunOptions& options);

/// Do the operands fit in the nodes' SRAM beside the program that the device has loaded?
bool fits_matmul_mesh(Device& device, const MatmulProblem& problem);

}  // namespace tatami
