// The examples and the integer benchmark check themselves; here they run on the devices, with every number of threads.
// labels: kernel
// libs: tatami_rtl_device_assert
// needs: tatami_kernels
#include "kernels/kernel_device.h"

namespace tatami {
namespace {

class Programs : public testing::TestWithParam<const char*> {
 protected:
  RunResult run(const std::string& name, int threads) {
    const auto device = test::make_device(GetParam());
    device->load_elf(test::kernel_path(name));
    device->set_threads(threads);
    const RunResult result = device->run({.max_cycles = 20'000'000});
    EXPECT_TRUE(result.passed()) << name << ", threads " << threads << ": " << test::describe(result);
    return result;
  }
};

INSTANTIATE_TEST_SUITE_P(Device, Programs, testing::Values("golden", "rtl"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Programs, Example) {
  for (int threads = 1; threads <= 4; ++threads) run("saxpy", threads);
}

TEST_P(Programs, ListExample) {
  for (int threads = 1; threads <= 4; ++threads) run("transpose_tiles", threads);
}

// The example of push and counter (docs/network.md), on a row and with neighbours to pass by.
TEST_P(Programs, Ring) {
  run("ring", 4);
  for (const char* nodes : {"3x1", "4x2"}) {
    const FabricShape shape = parse_shape(nodes, {});
    const auto device = GetParam() == std::string("golden")
                            ? make_golden_device({shape})
                            : make_rtl_device({.shape = shape, .host_threads = 1, .lockstep = true, .wave = {}});
    device->load_elf(test::kernel_path("ring"));
    const RunResult result = device->run({.max_cycles = 1'000'000});
    EXPECT_TRUE(result.passed()) << nodes << ": " << test::describe(result);
  }
}

TEST_P(Programs, IntegerBenchmark) {
  run("integer", 1);
  run("integer", 4);
}

}  // namespace
}  // namespace tatami
