// tatami convert: a file of numbers from one format to another, on the RTL's converters.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "cli/common.h"
#include "cli/formats.h"
#include "cli/numbers.h"
#include "golden/convert.h"
#include "golden/threefry.h"
#include "host/error.h"
#include "host/npy.h"
#include "opcodes.gen.h"
#include "rtl/simd_unit.h"

namespace tatami::cli {
namespace {

using golden::Descriptor;

constexpr std::size_t kBatch = 4096;  // instructions issued one after the other
constexpr std::size_t kRegister = 64;

struct Settings {
  bool json = false;
  bool check = true;
  std::string in, out, from, to;
  std::optional<int> bias, bias_from, bias_to;
  std::string round = "nearest";
  std::string subnormals = "printed";
  std::string seed = "1";
  std::string random_bits;
};

/// The dtype that holds codes of a format.
NpyArray array_of(Descriptor format, std::vector<std::size_t> shape) {
  NpyArray array{
      format.kind() == golden::Kind::fp32 ? 'f' : 'u', static_cast<std::size_t>(format.bytes()), std::move(shape), {}};
  array.data.resize(array.size() * array.item_bytes);
  return array;
}

NpyArray read_codes(const std::string& path, Descriptor format) {
  NpyArray array = read_npy(path);
  const NpyArray wanted = array_of(format, {});
  if (array.kind != wanted.kind || array.item_bytes != wanted.item_bytes) {
    throw InputError(fmt::format(
        "{}: has dtype {}, expected {}: --from {} reads {}", path, array.dtype(), wanted.dtype(),
        golden::name(format.kind()),
        wanted.kind == 'f' ? "float32 values; convert with a.astype(numpy.float32)" : "codes as " + wanted.dtype()));
  }
  return array;
}

/// Where the elements' random bits come from: the generator under `seed`, element i at index i; or all alike.
struct Randomness {
  std::uint64_t seed = 0;
  std::optional<std::uint16_t> bits;

  std::uint16_t of(std::uint64_t element) const { return bits.value_or(golden::random_bits(seed, element)); }
};

/// The unit has no input for random bits: they come from its own generator. The first index at which that gives `bits`;
/// among 65,536 numbers one in 65,536 draws does, so the search is short.
std::uint64_t index_that_draws(std::uint16_t bits, std::uint64_t seed) {
  std::uint64_t index = 0;
  while (golden::random_bits(seed, index) != bits) ++index;
  return index;
}

/// dv.cvt as the vector unit executes it: as many elements as fit the wider side, part 0 of the narrower one.
struct Converted {
  golden::Flags flags = 0;
  std::uint64_t cycles = 0;
  std::uint64_t instructions = 0;
};

Converted convert_on_rtl(const NpyArray& in, Descriptor from, NpyArray& out, Descriptor to, const Randomness& random) {
  // 32 elements an instruction, 16 if a side is fp32 (docs/isa.md, dv.cvt); one where each needs the same random bits,
  // which the generator gives at one index.
  const std::size_t per_instruction = random.bits ? 1 : std::max(from.bytes(), to.bytes()) == 4 ? 16 : 32;
  const std::uint64_t index = random.bits ? index_that_draws(*random.bits, random.seed) : 0;
  rtl::SimdUnit unit;
  Converted result;
  std::vector<rtl::SimdOperation> operations(kBatch);
  std::vector<rtl::SimdResult> results(kBatch);
  const std::size_t total = in.size();
  const std::uint64_t before = unit.cycles();
  for (std::size_t start = 0; start < total; start += kBatch * per_instruction) {
    const std::size_t elements = std::min(total - start, kBatch * per_instruction);
    const std::size_t issues = (elements + per_instruction - 1) / per_instruction;
    const auto span_of = [&](std::size_t i) { return std::min(per_instruction, elements - i * per_instruction); };
    for (std::size_t i = 0; i < issues; ++i) {
      rtl::SimdOperation& operation = operations[i];
      operation.insn = isa::kOpcodes[static_cast<std::size_t>(isa::Op::dv_cvt_)].match;
      operation.source = from;
      operation.destination = to;
      operation.seed = random.seed;
      operation.count = random.bits ? index : start + i * per_instruction;
      operation.vs1 = {};  // zeros behind the last element raise no flag
      std::memcpy(operation.vs1.data(), in.data.data() + (start + i * per_instruction) * in.item_bytes,
                  span_of(i) * in.item_bytes);
    }
    unit.run({operations.data(), issues}, {results.data(), issues});
    for (std::size_t i = 0; i < issues; ++i) {
      std::memcpy(out.data.data() + (start + i * per_instruction) * out.item_bytes, results[i].data.data(),
                  span_of(i) * out.item_bytes);
      result.flags |= results[i].flags;
    }
    result.instructions += issues;
  }
  result.cycles = unit.cycles() - before;
  return result;
}

Exit run(const Settings& settings) {
  const bool gradual = settings.subnormals == "gradual";
  const Descriptor from = make_descriptor(parse_kind(settings.from, "--from"), settings.bias_from, "--bias-from",
                                          settings.bias, false, gradual);
  const Descriptor to = make_descriptor(parse_kind(settings.to, "--to"), settings.bias_to, "--bias-to", settings.bias,
                                        settings.round == "stochastic", gradual);
  Randomness random{parse_unsigned(settings.seed, ~std::uint64_t{0}, "--seed"), std::nullopt};
  if (!settings.random_bits.empty()) {
    random.bits = static_cast<std::uint16_t>(parse_unsigned(settings.random_bits, 0xFFFF, "--random-bits"));
    if (to.rounding() != golden::Rounding::stochastic)
      throw InputError(fmt::format("--random-bits {}: only stochastic rounding reads them; add --round stochastic",
                                   settings.random_bits));
  }
  const NpyArray in = read_codes(settings.in, from);
  NpyArray out = array_of(to, in.shape);

  const auto start = std::chrono::steady_clock::now();
  const Converted converted = convert_on_rtl(in, from, out, to, random);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  std::uint64_t compared = 0, mismatches = 0;
  std::string first;
  golden::Flags golden_flags = 0;
  if (settings.check) {
    const bool stochastic = to.rounding() == golden::Rounding::stochastic;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const auto code = static_cast<std::uint32_t>(in.code(i));
      const golden::Coded want = golden::convert(code, from, to, stochastic ? random.of(i) : 0);
      golden_flags |= want.flags;
      ++compared;
      if (out.code(i) == want.code) continue;
      if (mismatches++ == 0) {
        first = fmt::format("element {}: {} should become {}, the RTL gives {}", i, hex_code(code, from),
                            hex_code(want.code, to), hex_code(static_cast<std::uint32_t>(out.code(i)), to));
      }
    }
    if (compared != 0 && mismatches == 0 && golden_flags != converted.flags) {
      mismatches = 1;
      first = fmt::format("flags should be {:#x}, the RTL raises {:#x}", golden_flags, converted.flags);
    }
  }
  write_npy(settings.out, out);

  const std::string status = mismatches != 0 ? "fail" : compared != 0 ? "pass" : "unchecked";
  if (settings.json) {
    Json json{{"status", status}};
    if (!first.empty()) json["message"] = first;
    json["in"] = settings.in;
    json["out"] = settings.out;
    json["from"] = format_text(from);
    json["to"] = format_text(to);
    json["shape"] = in.shape;
    json["elements"] = in.size();
    json["dtype"] = out.dtype();
    json["flags"] = flags_json(converted.flags);
    json["instructions"] = converted.instructions;
    json["cycles"] = converted.cycles;
    json["compared"] = compared;
    json["mismatches"] = mismatches;
    json["host_seconds"] = seconds;
    print_json(json);
  } else {
    std::string flags;
    for (const Json& flag : flags_json(converted.flags)) flags += " " + flag.get<std::string>();
    fmt::print("{} -> {}: {} elements {}, {} -> {}\n", settings.in, settings.out, grouped(in.size()), in.shape_text(),
               format_text(from), format_text(to));
    fmt::print("  on the RTL      {} instructions, {} cycles, flags:{}\n", grouped(converted.instructions),
               grouped(converted.cycles), flags.empty() ? " none" : flags);
    if (settings.check)
      fmt::print("  against golden  {} mismatches in {} elements\n", grouped(mismatches), grouped(compared));
    if (status == "pass") fmt::print("PASS\n");
    std::fflush(stdout);
  }
  if (status == "fail") fmt::print(stderr, "FAIL: {}\n", first);
  if (status == "unchecked") fmt::print(stderr, "UNCHECKED: nothing was compared with golden\n");
  return mismatches != 0 ? Exit::wrong_result : Exit::pass;
}

}  // namespace

Action add_convert(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command =
      app.add_subcommand("convert", "Convert a .npy file from one format to another on the RTL's converters");
  command->add_option("in", settings->in, "Codes of 8- and 16-bit formats as uint8 and uint16, fp32 as float32")
      ->required()
      ->type_name("IN.npy");
  command->add_option("out", settings->out, "Written likewise")->required()->type_name("OUT.npy");
  command
      ->add_option("--from", settings->from, "Format of the input: fp32, bf16, cfloat8_1_4_3, cfloat8_1_5_2, shp, uhp")
      ->required()
      ->type_name("FORMAT");
  command->add_option("--to", settings->to, "Format of the output")->required()->type_name("FORMAT");
  command->add_option("--bias", settings->bias, "Exponent bias 0..63 of both formats, as far as settable");
  command->add_option("--bias-from", settings->bias_from, "Exponent bias of the input");
  command->add_option("--bias-to", settings->bias_to, "Exponent bias of the output");
  command->add_option("--subnormals", settings->subnormals, "Reading of subnormal CFloat encodings")
      ->check(CLI::IsMember({"printed", "gradual"}))
      ->capture_default_str();
  command->add_option("--round", settings->round, "Rounding")
      ->check(CLI::IsMember({"nearest", "stochastic"}))
      ->capture_default_str();
  command
      ->add_option("--seed", settings->seed, "Seed of stochastic rounding; element i draws the random bits of index i")
      ->type_name("N")
      ->capture_default_str();
  command
      ->add_option("--random-bits", settings->random_bits,
                   "The 16 random bits of every element, 0..0xffff, instead of the seed's")
      ->type_name("N");
  command->add_flag("--check,!--no-check", settings->check, "Compare with the golden model bit for bit (the default)");
  command->add_flag("--json", settings->json, "Print one JSON object on standard output");
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
