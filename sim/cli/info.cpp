// tatami info: what is simulated, and its peak rates.
#include <fmt/format.h>

#include "cli/common.h"
#include "golden/formats.h"

namespace tatami::cli {
namespace {

constexpr double kClockHertz = 2e9;  // D1's, for the peak rates; the model itself has no clock frequency

unsigned peak(golden::Kind kind) { return kind == golden::Kind::fp32 ? 16 : 256; }

Exit run(bool json) {
  Json info;
  info["status"] = "pass";
  info["version"] = version_text();
  info["nodes"] = "1x1";
  info["threads_per_node"] = kThreadsPerNode;
  info["isa"] = "RV64IMA_Zicsr_Zifencei + Xd1 (docs/isa.md)";
  info["sram_bytes"] = kSramBytes;
  info["sram_base"] = fmt::format("{:#x}", kSramBase);
  info["sram_banks"] = 64;
  info["vector_registers"] = 32;
  info["vector_bytes"] = 64;
  info["tiles"] = 8;
  info["tile"] = "8x8 fp32";
  info["clock_hz"] = kClockHertz;
  info["wave_format"] = rtl_wave_format();
  info["formats"] = Json::array();
  for (const golden::Kind kind : golden::kAllKinds) {
    const golden::KindInfo& about = golden::info(kind);
    info["formats"].push_back({{"name", about.name},
                               {"bits", about.bits},
                               {"exponent_bits", about.exponent_bits},
                               {"mantissa_bits", about.mantissa_bits},
                               {"bias", about.clamping ? Json("0..63") : Json(about.fixed_bias)},
                               {"peak_macs_per_cycle", peak(kind)},
                               {"peak_flops_at_2ghz", 2 * kClockHertz * peak(kind)}});
  }
  if (json) {
    print_json(info);
    return Exit::pass;
  }
  fmt::print("{}\n", version_text());
  fmt::print("One D1-style node: {} threads, {}\n", kThreadsPerNode, info["isa"].get<std::string>());
  fmt::print("  SRAM      {} bytes from {:#x}, 64 banks of 8 B\n", grouped(kSramBytes), kSramBase);
  fmt::print("  vectors   32 registers of 64 B a thread, 16 FP32 lanes\n");
  fmt::print("  matrix    8 accumulator tiles of 8x8 FP32 a thread, 256 multiply-accumulates a cycle\n");
  fmt::print("\n  {:<16}{:>6}{:>10}{:>18}{:>22}\n", "format", "bits", "bias", "MAC a cycle", "FLOP/s at 2 GHz");
  for (const Json& format : info["formats"]) {
    const Json& bias = format["bias"];
    fmt::print("  {:<16}{:>6}{:>10}{:>18}{:>22}\n", format["name"].get<std::string>(), format["bits"].get<int>(),
               bias.is_string() ? bias.get<std::string>() : std::to_string(bias.get<int>()),
               format["peak_macs_per_cycle"].get<unsigned>(), scaled(format["peak_flops_at_2ghz"].get<double>()));
  }
  return Exit::pass;
}

}  // namespace

Action add_info(CLI::App& app) {
  auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("info", "Show the machine's configuration and peak rates");
  command->add_flag("--json", *json, "Print one JSON object on standard output");
  return [json] { return run(*json); };
}

}  // namespace tatami::cli
