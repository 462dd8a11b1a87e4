// tatami: the command line. Subcommands live in their own files.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

#include "cli/common.h"
#include "cli/numbers.h"
#include "host/error.h"

namespace {

using tatami::cli::Action;
using tatami::cli::Exit;

/// An error as text, and as the one JSON object if scripts are listening.
int report_error(const std::string& message, bool json) {
  fmt::print(stderr, "tatami: {}\n", message);
  if (json) tatami::cli::print_json({{"status", "error"}, {"message", message}});
  return static_cast<int>(Exit::bad_input);
}

}  // namespace

int main(int argc, char** argv) {
  tatami::cli::remember_arguments(argc, argv);
  const bool json = std::any_of(argv + 1, argv + argc, [](std::string_view argument) { return argument == "--json"; });
  try {
    CLI::App app{"Tatami: a D1-style training core on its verilated RTL", "tatami"};
    app.set_version_flag("--version", tatami::cli::version_text());
    app.require_subcommand(0, 1);  // none is refused below, after unknown words have been
    std::vector<std::pair<CLI::App*, Action>> actions;
    for (auto* add : {tatami::cli::add_matmul, tatami::cli::add_run, tatami::cli::add_cc, tatami::cli::add_info,
                      tatami::cli::add_format, tatami::cli::add_convert, tatami::cli::add_vectors,
                      tatami::cli::add_bench, tatami::cli::add_noc, tatami::cli::add_completion}) {
      Action action = add(app);
      actions.emplace_back(app.get_subcommands({}).back(), std::move(action));
    }
    try {
      const std::vector<std::string> words = tatami::cli::separate_values(argc, argv);
      std::vector<const char*> pointers;
      for (const std::string& word : words) pointers.push_back(word.c_str());
      app.parse(static_cast<int>(pointers.size()), pointers.data());
    } catch (const CLI::Success& success) {  // --help, --version
      return app.exit(success);
    } catch (const CLI::ParseError& error) {
      return report_error(fmt::format("{}; see {} --help", error.what(), tatami::cli::command_name()), json);
    }
    std::string names;
    for (const auto& [command, action] : actions) {
      if (command->parsed()) return static_cast<int>(action());
      names += (names.empty() ? "" : ", ") + command->get_name();
    }
    return report_error(fmt::format("a subcommand is required: {}; try {} matmul", names, tatami::cli::command_name()),
                        json);
  } catch (const tatami::InputError& error) {
    return report_error(error.what(), json);
  } catch (const std::exception& error) {
    return report_error(fmt::format("internal error: {}", error.what()), json);
  }
}
