// Runs the command line as a user does.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "host/elf_files.h"

namespace tatami::test {

struct Outcome {
  int exit = -1;
  std::string out;
  std::string err;

  nlohmann::json json() const { return nlohmann::json::parse(out, nullptr, false); }
};

/// Runs `tatami ARGUMENTS` through the shell; the two streams are kept apart. Standard input is empty unless the
/// arguments say otherwise: "vectors --op f32_add <FILE".
inline Outcome tatami(const std::string& arguments) {
  const TemporaryDirectory directory;
  const std::filesystem::path errors = directory / "stderr";
  const std::string command =
      std::string(TATAMI_BINARY_DIR "/bin/tatami </dev/null ") + arguments + " 2>" + errors.string();
  Outcome outcome;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.out.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  outcome.exit = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  std::ifstream file(errors);
  outcome.err.assign(std::istreambuf_iterator<char>(file), {});
  return outcome;
}

}  // namespace tatami::test
