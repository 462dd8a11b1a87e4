// tatami completion bash: written from the options themselves, so that it cannot fall behind.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/bench_parts.h"
#include "cli/common.h"
#include "cli/formats.h"
#include "cli/vector_op.h"
#include "host/collective.h"
#include "host/error.h"

namespace tatami::cli {
namespace {

std::string words(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return fmt::format("{}", fmt::join(names, " "));
}

Exit run(CLI::App& app, const std::string& shell) {
  if (shell != "bash") throw InputError(fmt::format("completion {}: only bash is supported", shell));
  std::vector<std::string> commands;
  std::string cases;
  for (CLI::App* command : app.get_subcommands({})) {
    commands.push_back(command->get_name());
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), words(*command));
  }
  fmt::print(R"(# bash completion of tatami; use it with: source <(scripts/tatami completion bash)
_tatami() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command= word words
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
{}    *) words='{} {}' ;;
  esac
  case $previous in
    --format|--format-a|--format-b|--format-out|format|--to|--compare) [[ $current == -* ]] || words='{}' ;;
    --from) words='exact double {}' ;;
    --op) [[ $command == collective ]] && words='{}' || words='{}' ;;
    --algorithm) words='auto direct tree' ;;
    --section) words='{}' ;;
    --operands) words='auto resident edge' ;;
    --flags) words='testfloat tatami' ;;
    --best-by) words='relative absolute' ;;
    --check) words='lockstep result none' ;;
    --subnormals) words='printed gradual' ;;
    --round) words='nearest stochastic' ;;
    --pattern) words='uniform transpose tornado complement hotspot neighbour' ;;
    completion) words=bash ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  # Anything that is no option may be a file.
  [[ $current == -* || -z $command ]] || COMPREPLY+=($(compgen -f -- "$current"))
}}
complete -o filenames -F _tatami tatami scripts/tatami ./scripts/tatami
)",
             cases, fmt::join(commands, " "), words(app), kind_names(" "), kind_names(" "), collective_names(" "),
             vector_op_names(" "), fmt::join(bench::kSections, " "));
  return Exit::pass;
}

}  // namespace

Action add_completion(CLI::App& app) {
  auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand("completion", "Print a completion script: source <(tatami completion bash)");
  command->add_option("shell", *shell, "bash")->required();
  return [&app, shell] { return run(app, *shell); };
}

}  // namespace tatami::cli
