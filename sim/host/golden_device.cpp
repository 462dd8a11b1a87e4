#include "host/device.h"
#include "host/error.h"

namespace tatami {

std::unique_ptr<Device> make_golden_device(const GoldenConfig&) {
  throw InputError("the golden instruction-set model is not built");
}

}  // namespace tatami
