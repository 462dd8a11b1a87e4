// Conversion of one part of a register, shared by dv.cvt and the tile moves (docs/isa.md, section 6).
#pragma once

#include "golden/csr.h"
#include "golden/hart.h"

namespace tatami::golden {

/// Elements that one instruction converts: the larger size decides, 32 at most.
unsigned convert_count(Descriptor from, Descriptor to);
/// Values that `part` can take.
unsigned convert_parts(Descriptor from, Descriptor to);

/// Converts part `part` of `source` into its place in `destination`; other elements of it stay. Stochastic rounding
/// takes the element indices dcount + i. Descriptors are valid, part < convert_parts().
Flags convert_part(const Vector& source, Descriptor from, Vector& destination, Descriptor to, unsigned part,
                   const CsrState& csrs);

}  // namespace tatami::golden
