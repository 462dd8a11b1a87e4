// The devices that kernels are tested on, and placing operands on them.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "host/device.h"
#include "host/error.h"

namespace tatami::test {

inline std::string kernel_path(const std::string& name) { return TATAMI_BINARY_DIR "/sw/" + name + ".elf"; }

/// "golden" or "rtl"; the RTL runs in lockstep with the golden model.
inline std::unique_ptr<Device> make_device(const std::string& name) {
  if (name == "golden") return make_golden_device({});
  RtlConfig config;
  config.lockstep = true;
  return make_rtl_device(config);
}

inline std::string describe(const RunResult& result) {
  std::string text =
      "status " + std::to_string(static_cast<int>(result.status)) + ", exit code " + std::to_string(result.exit_code);
  if (result.trap) {
    text += ", " + trap_cause_name(result.trap->cause) + " at pc " + std::to_string(result.trap->pc) + ", mtval " +
            std::to_string(result.trap->value);
  }
  return text + (result.message.empty() ? "" : ": " + result.message);
}

/// Copies an array to the device, with 64 random bytes before and after it.
template <typename T>
std::uint64_t place(Device& device, const std::vector<T>& values) {
  const std::uint64_t address = device.allocate(values.size() * sizeof(T) + 128) + 64;
  std::vector<std::byte> noise(64);
  std::minstd_rand random(static_cast<unsigned>(address));
  for (auto& byte : noise) byte = static_cast<std::byte>(random());
  device.write(address - 64, noise);
  device.write(address + values.size() * sizeof(T), noise);
  device.write(address, std::as_bytes(std::span(values)));
  return address;
}

template <typename T>
std::vector<T> fetch(Device& device, std::uint64_t address, std::size_t count) {
  std::vector<T> values(count);
  device.read(address, std::as_writable_bytes(std::span(values)));
  return values;
}

/// Expects the 64 bytes before and after a placed array to be as place() left them.
inline void expect_surroundings(Device& device, std::uint64_t address, std::uint64_t bytes) {
  std::minstd_rand random(static_cast<unsigned>(address));
  std::vector<std::byte> noise(64);
  for (auto& byte : noise) byte = static_cast<std::byte>(random());
  EXPECT_EQ(fetch<std::byte>(device, address - 64, 64), noise) << "written before the array";
  EXPECT_EQ(fetch<std::byte>(device, address + bytes, 64), noise) << "written behind the array";
}

}  // namespace tatami::test
