// tatami cc: compiles a kernel by the rules of scripts/kernel-cc.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/common.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

/// Runs the script with its output on standard error, and waits for it.
int spawn(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<char*> argv;
  argv.push_back(const_cast<char*>(script.c_str()));
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw InputError(fmt::format("cannot start {}: {}", script, std::strerror(errno)));
  if (child == 0) {
    ::dup2(STDERR_FILENO, STDOUT_FILENO);
    ::setenv("TATAMI_GENERATED", generated_directory().c_str(), 1);
    ::execv(script.c_str(), argv.data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

Exit run(std::vector<std::string> arguments) {
  const bool json = std::erase(arguments, "--json") != 0;
  const std::string script = source_directory() / "scripts/kernel-cc";
  if (!std::filesystem::exists(script)) {
    throw InputError(fmt::format("{} is not there; name Tatami's source tree in TATAMI_SOURCE", script));
  }
  if (arguments.empty()) throw InputError("cc: no source file; usage: tatami cc k.c -o k.elf [gcc options]");
  if (spawn(script, arguments) != 0) throw InputError("cc: the compilation failed (see above)");
  const auto option = std::find(arguments.begin(), arguments.end(), "-o");
  const std::string output = option != arguments.end() && option + 1 != arguments.end() ? *(option + 1) : "";
  const Program program = load_program(output);
  const std::uint64_t bytes = program.end - program.segments.front().address;
  if (json) {
    print_json(
        {{"status", "pass"}, {"output", output}, {"bytes", bytes}, {"entry", fmt::format("{:#x}", program.entry)}});
  } else {
    fmt::print("{}: {} bytes; run it: {} run {}\n", output, grouped(bytes), command_name(), output);
  }
  return Exit::pass;
}

}  // namespace

Action add_cc(CLI::App& app) {
  auto* command = app.add_subcommand("cc", "Compile a kernel: tatami cc k.c -o k.elf [gcc options]");
  auto json = std::make_shared<bool>(false);
  auto output = std::make_shared<std::string>();
  command->add_flag("--json", *json, "Print one JSON object on standard output");
  command->add_option("-o", *output, "Program to write")->type_name("PROG.elf");
  command->footer("Sources are C or assembler; gcc options such as -O0, -DN=4, -Idir or -Wl,-Map=k.map are passed on.");
  command->prefix_command();
  return [command, json, output] {
    std::vector<std::string> arguments = command->remaining();
    // Options that stand before the first file are CLI11's; the script takes them anywhere.
    if (*json) arguments.emplace_back("--json");
    if (!output->empty()) arguments.insert(arguments.end(), {"-o", *output});
    return run(std::move(arguments));
  };
}

}  // namespace tatami::cli
