#include "golden/convert_part.h"

#include <algorithm>
#include <cstring>

#include "golden/convert.h"

namespace tatami::golden {
namespace {

constexpr std::size_t kRegisterBytes = 64;
constexpr std::size_t kMostElements = 32;

std::size_t size(Descriptor d) { return static_cast<std::size_t>(d.bytes()); }

// The register that holds more elements than are converted is the one of which a part is used.
std::size_t first_element(Descriptor d, std::size_t count, unsigned part) {
  return kRegisterBytes / size(d) > count ? part * count : 0;
}

}  // namespace

unsigned convert_count(Descriptor from, Descriptor to) {
  return static_cast<unsigned>(std::min(kMostElements, kRegisterBytes / std::max(size(from), size(to))));
}

unsigned convert_parts(Descriptor from, Descriptor to) {
  return static_cast<unsigned>(kRegisterBytes / std::min(size(from), size(to)) / convert_count(from, to));
}

Flags convert_part(const Vector& source, Descriptor from, Vector& destination, Descriptor to, unsigned part,
                   const CsrState& csrs) {
  const unsigned count = convert_count(from, to);
  const std::size_t first = first_element(from, count, part), place = first_element(to, count, part);
  Flags flags = 0;
  for (unsigned i = 0; i < count; ++i) {
    std::uint32_t code = 0;
    std::memcpy(&code, source.bytes() + (first + i) * size(from), size(from));
    const Coded result = to.rounding() == Rounding::stochastic
                             ? convert_indexed(code, from, to, csrs.dseed, csrs.dcount + i)
                             : convert(code, from, to);
    std::memcpy(destination.bytes() + (place + i) * size(to), &result.code, size(to));
    flags |= result.flags;
  }
  return flags;
}

}  // namespace tatami::golden
