// tatami: the command line. Subcommands live in their own files.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/common.h"
#include "cli/numbers.h"
#include "host/error.h"

namespace {

using tatami::cli::Action;
using tatami::cli::Exit;

/// Insertions, deletions and replacements that make `a` of `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

/// ", did you mean --format?" for an option of `command` that `message` names wrongly, or nothing.
std::string suggestion(const CLI::App& command, const std::string& message) {
  std::string best;
  std::size_t least = 3;
  for (std::size_t at = message.find("--"); at != std::string::npos; at = message.find("--", at + 2)) {
    const std::string word = message.substr(at + 2, message.find_first_of(" =;,", at + 2) - at - 2);
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (const std::size_t d = distance(word, name); d < least) least = d, best = name;
      }
    }
  }
  return best.empty() || least == 0 ? "" : fmt::format(", did you mean --{}?", best);
}

/// What the command line's parser found wrong, with the help page that says how it should be.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  const std::string message = error.what();
  for (const CLI::App* command : app.get_subcommands({})) {
    if (std::none_of(argv + 1, argv + argc, [&](std::string_view word) { return word == command->get_name(); }))
      continue;
    const bool extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
    return fmt::format("{}: {}{}; see {} {} --help", command->get_name(), message,
                       extra ? suggestion(*command, message) : "", tatami::cli::command_name(), command->get_name());
  }
  return fmt::format("{}; see {} --help", message, tatami::cli::command_name());
}

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
    for (auto* add :
         {tatami::cli::add_matmul, tatami::cli::add_run, tatami::cli::add_cc, tatami::cli::add_info,
          tatami::cli::add_format, tatami::cli::add_convert, tatami::cli::add_vectors, tatami::cli::add_bench,
          tatami::cli::add_noc, tatami::cli::add_collective, tatami::cli::add_completion}) {
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
      return report_error(usage_error(app, error, argc, argv), json);
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
  } catch (const std::bad_alloc&) {
    return report_error(
        "this computer's memory, or what a limit allows of it (ulimit -v), is not enough; use fewer nodes or smaller "
        "operands",
        json);
  } catch (const std::exception& error) {
    return report_error(fmt::format("internal error: {}", error.what()), json);
  }
}
