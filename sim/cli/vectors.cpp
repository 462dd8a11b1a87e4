// tatami vectors: operands in Berkeley TestFloat's text format through the RTL's vector unit.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstring>
#include <string>

#include "cli/common.h"
#include "cli/formats.h"
#include "cli/numbers.h"
#include "cli/vector_op.h"
#include "host/error.h"
#include "rtl/simd_unit.h"

namespace tatami::cli {
namespace {

struct Settings {
  bool json = false;
  bool check = false;
  bool inexact = false;
  std::string op;
  std::string flags = "testfloat";
  VectorFormats formats;
  std::string round = "nearest";
  std::string subnormals = "printed";
  std::string seed = "1";
};

struct Case {
  std::array<std::uint32_t, 3> operands{};
  std::uint32_t result = 0;
  golden::Flags flags = 0;
};

/// Reads operand lines from standard input.
class Reader {
 public:
  explicit Reader(const VectorOp& op) : op_(op) {}

  /// The next case; false at the end.
  bool next(Case& out) {
    if (!line()) return false;
    ++number_;
    const char* at = text_.c_str();
    int fields = 0;
    for (;;) {
      while (*at == ' ' || *at == '\t' || *at == '\r') ++at;
      if (*at == '\0') break;
      std::uint64_t value = 0;
      int digits = 0;
      for (; std::isxdigit(static_cast<unsigned char>(*at)) != 0; ++at, ++digits)
        value = value << 4 | static_cast<unsigned>(*at <= '9' ? *at - '0' : (*at | 32) - 'a' + 10);
      const bool ends = *at == '\0' || *at == ' ' || *at == '\t' || *at == '\r';
      // What follows the operands is another implementation's result and flags, whose widths do not matter here.
      if (!ends || digits == 0 || (fields < op_.operands && digits != op_.operand_digits)) refuse();
      if (fields < op_.operands) out.operands[static_cast<std::size_t>(fields)] = static_cast<std::uint32_t>(value);
      ++fields;
    }
    if (fields != op_.operands && fields != op_.operands + 2) refuse();
    return true;
  }

 private:
  [[noreturn]] void refuse() const {
    throw InputError(fmt::format(
        "standard input, line {}: \"{}\": expected {} operand{} of {} hexadecimal digits for {}, as testfloat_gen "
        "prints "
        "them (a result and flags may follow)",
        number_, text_.substr(0, 80), op_.operands, op_.operands == 1 ? "" : "s", op_.operand_digits, op_.name));
  }

  bool line() {
    text_.clear();
    for (;;) {
      if (at_ == end_) {
        end_ = std::fread(buffer_.data(), 1, buffer_.size(), stdin);
        at_ = 0;
        if (end_ == 0) return !text_.empty();
      }
      const char* begin = buffer_.data() + at_;
      const auto* stop = static_cast<const char*>(std::memchr(begin, '\n', end_ - at_));
      const std::size_t length = stop != nullptr ? static_cast<std::size_t>(stop - begin) : end_ - at_;
      text_.append(begin, length);
      at_ += length + (stop != nullptr ? 1 : 0);
      if (stop != nullptr) return true;
    }
  }

  const VectorOp& op_;
  std::string text_;
  std::uint64_t number_ = 0;
  std::array<char, 65536> buffer_{};
  std::size_t at_ = 0, end_ = 0;
};

/// Runs batches of cases, 16 to an instruction. The unit reports the flags of all lanes together; where any is raised,
/// each case of the instruction is issued once more alone, in its own lane, with zeros beside it, which raise none.
class Runner {
 public:
  Runner(const VectorOp& op, std::uint64_t seed) : op_(op), seed_(seed) {}

  void run(std::span<Case> cases) {
    const std::size_t groups = (cases.size() + kLanes - 1) / kLanes;
    operations_.assign(groups, {});
    for (std::size_t i = 0; i < cases.size(); ++i) place(operations_[i / kLanes], cases[i], i);
    for (std::size_t g = 0; g < groups; ++g) prepare(operations_[g], first_ + g * kLanes);
    execute();
    const std::vector<rtl::SimdResult> together = results_;
    for (std::size_t i = 0; i < cases.size(); ++i) cases[i].result = lane(together[i / kLanes], i);

    std::vector<std::size_t> alone;
    operations_.clear();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (together[i / kLanes].flags == 0) continue;
      alone.push_back(i);
      place(operations_.emplace_back(), cases[i], i);
      prepare(operations_.back(), first_ + i / kLanes * kLanes);
    }
    execute();
    std::vector<golden::Flags> sum(groups, 0);
    for (std::size_t n = 0; n < alone.size(); ++n) {
      Case& one = cases[alone[n]];
      one.flags = results_[n].flags;
      sum[alone[n] / kLanes] |= one.flags;
      if (lane(results_[n], alone[n]) != one.result)
        throw std::logic_error("the vector unit's lanes are not independent: a case gives another result alone");
    }
    for (std::size_t g = 0; g < groups; ++g) {
      if (sum[g] != together[g].flags)
        throw std::logic_error("the vector unit's flags of sixteen lanes are not those of each lane");
    }
    first_ += cases.size();
  }

 private:
  static constexpr std::size_t kLanes = 16;

  void prepare(rtl::SimdOperation& operation, std::uint64_t index) const {
    operation.insn = isa::kOpcodes[static_cast<std::size_t>(op_.op)].match;
    operation.source = op_.source;
    operation.destination = op_.destination;
    operation.seed = seed_;
    operation.count = index;
  }

  void place(rtl::SimdOperation& operation, const Case& one, std::size_t i) const {
    if (op_.op == isa::Op::dv_cvt_) {
      const auto bytes = static_cast<std::size_t>(op_.source.bytes());
      std::memcpy(reinterpret_cast<char*>(operation.vs1.data()) + i % kLanes * bytes, one.operands.data(), bytes);
      return;
    }
    operation.vs1[i % kLanes] = one.operands[0];
    operation.vs2[i % kLanes] = one.operands[1];
    if (op_.accumulates) operation.vd[i % kLanes] = one.operands[2];
  }

  std::uint32_t lane(const rtl::SimdResult& result, std::size_t i) const {
    if (op_.op != isa::Op::dv_cvt_) {
      const std::uint32_t word = result.data[i % kLanes];
      if (op_.result_digits != 1) return word;
      if (word != 0 && word != 0xFFFF'FFFF) throw std::logic_error("a comparison gives neither all ones nor zero");
      return word & 1;
    }
    std::uint32_t code = 0;
    const auto bytes = static_cast<std::size_t>(op_.destination.bytes());
    std::memcpy(&code, reinterpret_cast<const char*>(result.data.data()) + i % kLanes * bytes, bytes);
    return code;
  }

  void execute() {
    results_.resize(operations_.size());
    if (!operations_.empty()) unit_.run(operations_, results_);
  }

  const VectorOp& op_;
  std::uint64_t seed_;
  std::uint64_t first_ = 0;
  rtl::SimdUnit unit_;
  std::vector<rtl::SimdOperation> operations_;
  std::vector<rtl::SimdResult> results_;
};

/// Prints cases as they come: lines of text, or one JSON object whose list `results` grows and which finish() ends.
/// What is printed is not kept, so that the number of cases is not limited by memory.
class Printer {
 public:
  Printer(const VectorOp& op, bool json) : op_(op), json_(json) {}

  void add(const Case& one, unsigned flags) {
    const auto separator = [&](int i) { return json_ ? (i == 0 ? "\"0x" : ", \"0x") : i == 0 ? "" : " "; };
    if (json_) text_ += cases_++ == 0 ? head() + "\n    {\"operands\": [" : ",\n    {\"operands\": [";
    for (int i = 0; i < op_.operands; ++i) {
      text_ += separator(i);
      append_hex(one.operands[static_cast<std::size_t>(i)], op_.operand_digits);
      if (json_) text_ += '"';
    }
    text_ += json_ ? "], \"result\": \"0x" : " ";
    append_hex(one.result, op_.result_digits);
    if (json_) {
      text_ += "\", \"flags\": " + flags_json(one.flags).dump() + ", \"testfloat_flags\": \"0x";
      append_hex(flags, 2);
      text_ += "\"}";
    } else {
      text_ += ' ';
      append_hex(flags, 2);
      text_ += '\n';
    }
  }

  /// Writes what has been added.
  void flush() {
    if (std::fwrite(text_.data(), 1, text_.size(), stdout) != text_.size() || std::fflush(stdout) != 0)
      throw InputError("standard output: cannot be written (was its reader closed?)");
    text_.clear();
  }

  bool begun() const { return cases_ != 0; }

  /// Ends the JSON object with the fields of `rest`.
  void finish(const Json& rest) {
    text_ += "\n  ]";
    for (const auto& [key, value] : rest.items()) text_ += ",\n  " + Json(key).dump() + ": " + value.dump();
    text_ += "\n}\n";
    flush();
  }

 private:
  std::string head() const { return "{\n  \"op\": " + Json(op_.name).dump() + ",\n  \"results\": ["; }
  void append_hex(std::uint64_t value, int digits) {
    const char* letters = json_ ? "0123456789abcdef" : "0123456789ABCDEF";
    for (int d = digits; d-- > 0;) text_ += letters[value >> (4 * d) & 15];
  }

  const VectorOp& op_;
  bool json_;
  std::uint64_t cases_ = 0;
  std::string text_;
};

Exit run(const Settings& settings) {
  VectorFormats formats = settings.formats;
  formats.gradual = settings.subnormals == "gradual";
  formats.stochastic = settings.round == "stochastic";
  const VectorOp op = find_vector_op(settings.op, formats);
  const bool own_flags = settings.flags == "tatami";
  if (own_flags && settings.inexact) throw InputError("--inexact: a flag of TestFloat's; leave out --flags tatami");
  const std::uint64_t seed = parse_unsigned(settings.seed, ~std::uint64_t{0}, "--seed");

  constexpr std::size_t kBatch = 4096;
  Reader reader(op);
  Runner runner(op, seed);
  Printer printer(op, settings.json);
  std::vector<Case> cases;
  std::uint64_t total = 0, mismatches = 0;
  std::string first;
  std::optional<InputError> bad;  // what comes before a bad line is still answered
  for (bool more = true; more && !bad;) {
    cases.clear();
    try {
      for (Case one; cases.size() < kBatch && (more = reader.next(one));) cases.push_back(one);
    } catch (const InputError& error) {
      bad = error;
    }
    runner.run(cases);
    for (const Case& one : cases) {
      unsigned flags = own_flags ? one.flags : testfloat_flags(one.flags);
      if (settings.inexact && is_inexact(op, one.operands, one.result, one.flags)) flags |= kInexact;
      if (settings.check) {
        const golden::Coded want = golden_result(op, one.operands, seed, total);
        if ((want.code != one.result || want.flags != one.flags) && mismatches++ == 0) {
          first = fmt::format("case {}: golden gives {:x} with flags {:#x}, the RTL {:x} with {:#x}", total, want.code,
                              want.flags, one.result, one.flags);
        }
      }
      ++total;
      printer.add(one, flags);
    }
    printer.flush();
  }
  if (total == 0 && !bad)
    bad = InputError("standard input: holds no operands; pipe them in, one case a line, as testfloat_gen prints them");
  const std::string status = bad ? "error" : mismatches != 0 ? "fail" : settings.check ? "pass" : "unchecked";
  if (printer.begun()) {
    Json json{
        {"status", status}, {"cases", total}, {"compared", settings.check ? total : 0}, {"mismatches", mismatches}};
    if (bad || !first.empty()) json["message"] = bad ? bad->what() : first;
    printer.finish(json);
  }
  if (settings.check) {
    fmt::print(stderr, "{}: {} cases, {} differ from golden{}{}\n",
               mismatches != 0 ? "FAIL"
               : bad           ? "ERROR"
                               : "PASS",
               grouped(total), grouped(mismatches), first.empty() ? "" : "; ", first);
  }
  if (bad && !printer.begun()) throw *bad;
  if (bad) {
    fmt::print(stderr, "tatami: {}\n", bad->what());
    return Exit::bad_input;
  }
  return mismatches != 0 ? Exit::wrong_result : Exit::pass;
}

}  // namespace

Action add_vectors(CLI::App& app) {
  auto settings = std::make_shared<Settings>();
  auto* command = app.add_subcommand(
      "vectors", "Run operands in Berkeley TestFloat's text format from standard input through the RTL's vector unit");
  command
      ->add_option("--op", settings->op,
                   "f32_add, f32_sub, f32_mul, f32_mulAdd, f32_eq, f32_lt, f32_le, f32_to_i32, f32_to_ui32 (also "
                   "_r_minMag), i32_to_f32, ui32_to_f32, or FORMAT_to_FORMAT such as f32_to_cfloat8_1_4_3")
      ->required()
      ->type_name("NAME");
  command
      ->add_option("--flags", settings->flags,
                   "Flags to print. testfloat: 02 underflow, 04 overflow, 10 invalid; never 01 inexact, which the "
                   "hardware does not have, nor 08. tatami: 01 invalid, 02 denormal, 04 overflow, 08 underflow")
      ->check(CLI::IsMember({"testfloat", "tatami"}))
      ->capture_default_str();
  command->add_flag("--inexact", settings->inexact,
                    "Add TestFloat's 01 inexact, worked out here from operands and result, for testfloat_ver");
  command->add_flag("--check", settings->check, "Compare results and flags with the golden model");
  command->add_option("--bias", settings->formats.bias, "Exponent bias 0..63 of both formats, as far as settable");
  command->add_option("--bias-from", settings->formats.bias_from, "Exponent bias of the operand");
  command->add_option("--bias-to", settings->formats.bias_to, "Exponent bias of the result");
  command->add_option("--subnormals", settings->subnormals, "Reading of subnormal CFloat encodings")
      ->check(CLI::IsMember({"printed", "gradual"}))
      ->capture_default_str();
  command->add_option("--round", settings->round, "Rounding of conversions between formats")
      ->check(CLI::IsMember({"nearest", "stochastic"}))
      ->capture_default_str();
  command->add_option("--seed", settings->seed, "Seed of stochastic rounding; case i draws the random bits of index i")
      ->type_name("N")
      ->capture_default_str();
  command->add_flag("--json", settings->json, "Print one JSON object on standard output, case by case");
  return [settings] { return run(*settings); };
}

}  // namespace tatami::cli
