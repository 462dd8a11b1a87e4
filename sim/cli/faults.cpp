// Disturbances of links that a run can be given: flits that arrive damaged, queues that are held.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "cli/common.h"
#include "fabric/routes.h"

namespace tatami::cli {
namespace {

constexpr unsigned kFlitBits = 640;

std::vector<std::string> fields_of(const std::string& text) {
  std::vector<std::string> fields(1);
  for (const char c : text) {
    if (c == ',')
      fields.emplace_back();
    else
      fields.back() += c;
  }
  return fields;
}

/// X,Y,PORT,CLASS,A,B: a link, named by the node and port at which its flits arrive, and two numbers.
struct LinkText {
  Coordinate node;
  unsigned port = 0;
  bool response = false;
  std::uint64_t first = 0, second = 0;

  LinkText(const std::string& option, const std::string& shape, const std::string& text) {
    const std::vector<std::string> fields = fields_of(text);
    const auto refuse = [&](const std::string& why) {
      throw CLI::ValidationError(fmt::format("{} {}", option, text), fmt::format("{}; expected {}", why, shape));
    };
    if (fields.size() != 6) refuse("there are not six fields");
    const auto number = [&](const std::string& field, auto& value) {
      const auto end = std::from_chars(field.data(), field.data() + field.size(), value);
      if (end.ec != std::errc{} || end.ptr != field.data() + field.size()) refuse("'" + field + "' is no number here");
    };
    number(fields[0], node.x);
    number(fields[1], node.y);
    while (port < fabric::kLinks && fields[2] != fabric::port_name(port)) ++port;
    if (port == fabric::kLinks) refuse("'" + fields[2] + "' is none of north, east, south, west");
    response = fields[3] == fabric::class_name(true);
    if (!response && fields[3] != fabric::class_name(false))
      refuse("'" + fields[3] + "' is neither requests nor responses");
    number(fields[4], first);
    number(fields[5], second);
  }
};

}  // namespace

void RunSettings::add_faults_to(CLI::App& command) {
  using Texts = std::vector<std::string>;
  const std::string flip = "X,Y,PORT,CLASS,FLIT,BIT", hold = "X,Y,PORT,CLASS,FROM,CYCLES";
  command
      .add_option_function<Texts>(
          "--flip-bit",
          [this, flip](const Texts& texts) {
            limits.link_faults.clear();
            for (const std::string& text : texts) {
              const LinkText link("--flip-bit", flip, text);
              if (link.second >= kFlitBits)
                throw CLI::ValidationError("--flip-bit " + text, fmt::format("a flit has bits 0 to {}", kFlitBits - 1));
              limits.link_faults.push_back(
                  {link.node, link.port, link.response, link.first, static_cast<unsigned>(link.second)});
            }
          },
          "Damage a link: flip bit BIT (0 to 639) of flit number FLIT (from 0) that arrives at node X,Y by PORT "
          "(north, "
          "east, south, west) in CLASS (requests, responses); may be repeated (docs/debugging.md)")
      ->type_name(flip)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option_function<Texts>(
          "--hold-link",
          [this, hold](const Texts& texts) {
            limits.link_holds.clear();
            for (const std::string& text : texts) {
              const LinkText link("--hold-link", hold, text);
              if (link.second == 0 || link.first + link.second < link.first)
                throw CLI::ValidationError("--hold-link " + text, "expected 1 cycle or more, below 2^64 in all");
              limits.link_holds.push_back({link.node, link.port, link.response, link.first, link.second});
            }
          },
          "Hold a link: what leaves the queues behind PORT of node X,Y makes no place for new flits in CYCLES cycles "
          "from cycle FROM on; may be repeated")
      ->type_name(hold)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option("--held", limits.held_cycles, "Full queues of routers that do not move for so many cycles are told")
      ->type_name("CYCLES")
      ->check(CLI::PositiveNumber)
      ->check(refuse_negative)
      ->capture_default_str();
}

}  // namespace tatami::cli
