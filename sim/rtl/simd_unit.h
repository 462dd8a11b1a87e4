// The vector unit alone: rtl/simd/d1_simd verilated, for what needs its arithmetic and no program around it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "golden/formats.h"

namespace tatami::rtl {

/// A vector register of 64 bytes as its sixteen 32-bit lanes, lane 0 first.
using Lanes = std::array<std::uint32_t, 16>;

/// One instruction with everything that it reads (docs/isa.md, section 6).
struct SimdOperation {
  std::uint32_t insn = 0;  ///< an xd1vec instruction word; register numbers do not matter
  Lanes vs1{}, vs2{}, vd{};
  golden::Descriptor source, destination;  ///< dv.cvt only
  std::uint64_t seed = 0;                  ///< stochastic rounding: CSR `dseed`
  std::uint64_t count = 0;                 ///< ... and `dcount`
};

struct SimdResult {
  Lanes data{};
  golden::Flags flags = 0;  ///< of all elements together
};

/// Executes xd1vec instructions that leave a vector; no reductions that take several passes (dv.fredsum).
class SimdUnit {
 public:
  SimdUnit();
  ~SimdUnit();
  SimdUnit(const SimdUnit&) = delete;
  SimdUnit& operator=(const SimdUnit&) = delete;

  /// Issues one operation a cycle and collects as many results, in order. Throws std::logic_error if the unit does not
  /// keep the timing that rtl/simd/d1_simd.sv promises.
  void run(std::span<const SimdOperation> operations, std::span<SimdResult> results);

  std::uint64_t cycles() const;  ///< clock cycles so far

 private:
  struct Model;
  std::unique_ptr<Model> model_;
};

}  // namespace tatami::rtl
