// Stands in for the RTL device where the RTL is not built.
#include "host/device.h"
#include "host/error.h"

namespace tatami {

std::unique_ptr<Device> make_rtl_device(const RtlConfig&) { throw InputError("the RTL is not built; use --golden"); }
std::string rtl_wave_format() { return ""; }

}  // namespace tatami
