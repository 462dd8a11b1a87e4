#!/usr/bin/env python3
"""Derive everything that knows an encoding from the opcode table.

Reads opcodes.tbl and fields.tbl beside this file, checks them, and writes

  d1_opcodes_pkg.sv          SystemVerilog: one casez pattern an instruction, d1_opcodes_pkg::OP_DV_FADD
  tatami_intrinsics_gen.h    C: one asm volatile macro for each Xd1 instruction, dv_fadd(vd, vs1, vs2)
  opcodes.gen.h              C++: enum Op, table of masks, matches and operands, one accessor a field

  generate.py --out DIR      writes the three files into DIR (only those whose contents changed)
  generate.py --check        checks the tables only
"""
import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
REGISTERS = ("zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4 s5 s6 s7 s8 s9 s10 s11 "
             "t3 t4 t5 t6").split()
KINDS = {"x": "kScalar", "v": "kVector", "t": "kTile", "i": "kSigned", "u": "kUnsigned"}
# Instructions that change x[rs1], and those that also read x[rd].
INCREMENTS = {"dv.ldp", "dv.stp", "dv.lds", "dv.ldx", "dv.sts", "dv.stx"}
READS_RD = {"dn.cas.d"}


def fail(where, what):
    sys.exit(f"{where}: {what}")


class Field:
    """An operand field: segments [(low bit, width)] from the most significant part, and zero bits appended below."""

    def __init__(self, where, name, bits, kind):
        self.name, self.kind, self.segments, self.zeros = name, kind, [], 0
        if kind not in KINDS:
            fail(where, f"kind '{kind}' of field {name} is not one of {' '.join(KINDS)}")
        for part in bits.split("+"):
            if re.fullmatch(r"0\d+", part):
                self.zeros = int(part)
                continue
            high, low = (int(b) for b in part.split("..")) if ".." in part else (int(part), int(part))
            self.segments.append((low, high - low + 1))
        self.width = sum(width for _, width in self.segments)

    @property
    def mask(self):
        return sum(((1 << width) - 1) << low for low, width in self.segments)


class Opcode:
    def __init__(self, where, words, extension, fields):
        self.name, self.extension, self.operands, self.mask, self.match = words[0], extension, [], 0, 0
        for word in words[1:]:
            if "=" in word:
                place, value = word.split("=")
                high, low = (int(b) for b in place.split("..")) if ".." in place else (int(place), int(place))
                bits, value = ((1 << (high - low + 1)) - 1) << low, int(value, 0)
                if value << low & ~bits:
                    fail(where, f"{word} of {self.name} does not fit")
            elif word in fields:
                bits, value, low = fields[word].mask, None, 0
            else:
                fail(where, f"{self.name} names the unknown field '{word}'")
            if bits & self.covered():
                fail(where, f"{word} of {self.name} overlaps another field")
            if value is None:
                self.operands.append(fields[word])
            else:
                self.mask |= bits
                self.match |= value << low
        if self.covered() != 0xFFFFFFFF:
            fail(where, f"bits {~self.covered() & 0xFFFFFFFF:#010x} of {self.name} are neither a field nor fixed")

    def covered(self):
        return self.mask | sum(field.mask for field in self.operands)

    @property
    def identifier(self):
        return self.name.replace(".", "_")


def rows(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split("#")[0].split()
        if words:
            yield f"{path.name}:{number}", words


def read_tables():
    fields, opcodes, extension = {}, [], ""
    for where, words in rows(HERE / "fields.tbl"):
        if len(words) != 3:
            fail(where, "expected: name bits kind")
        fields[words[0]] = Field(where, *words)
    for where, words in rows(HERE / "opcodes.tbl"):
        if words[0] == "@extension":
            extension = words[1]
            continue
        opcode = Opcode(where, words, extension, fields)
        for other in opcodes:
            both = opcode.mask & other.mask
            if opcode.name == other.name:
                fail(where, f"{opcode.name} stands twice")
            if opcode.match & both == other.match & both:
                fail(where, f"{opcode.name} and {other.name} share encodings")
        opcodes.append(opcode)
    return fields, opcodes


def system_verilog(opcodes):
    lines = ["// Generated from sw/isa/opcodes.tbl; do not edit. Patterns for casez.", "package d1_opcodes_pkg;"]
    extension = None
    for opcode in opcodes:
        if opcode.extension != extension:
            extension = opcode.extension
            lines += ["", f"  // {extension}"]
        pattern = "".join(str(opcode.match >> bit & 1) if opcode.mask >> bit & 1 else "?" for bit in range(31, -1, -1))
        pattern = "_".join((pattern[0:7], pattern[7:12], pattern[12:17], pattern[17:20], pattern[20:25], pattern[25:32]))
        lines.append(f"  localparam logic [31:0] OP_{opcode.identifier.upper()} = 32'b{pattern};")
    return "\n".join(lines + ["", "endpackage", ""])


def intrinsic(opcode):
    """One macro. The word is put together by the assembler: constants as an "i" operand, the registers that the compiler
    chose through symbols .L_tatami_<register>, so that every bit of the encoding comes from the table."""
    constant, checks, word, outputs, inputs = [f"0x{opcode.match:08x}u"], [], "%[word_]", [], []
    for field in opcode.operands:
        name = field.name
        if field.kind == "x":
            low = field.segments[0][0]
            word += f" | (.L_tatami_%[x_{name}] << {low})"
            if name == "rd":
                outputs.append(f'[x_{name}] "{"+r" if opcode.name in READS_RD else "=r"}"({name})')
            elif name == "rs1" and opcode.name in INCREMENTS:
                outputs.append(f'[x_{name}] "+r"({name})')
            else:
                inputs.append(f'[x_{name}] "r"({name})')
            continue
        low, high = (-(1 << (field.width - 1)), (1 << (field.width - 1)) - 1) if field.kind == "i" else (0, (1 << field.width) - 1)
        checks.append(f'_Static_assert(({name}) >= {low} && ({name}) <= {high}, "{opcode.name}: {name} must be {low}..{high}");')
        position = field.width
        for segment, width in field.segments:
            position -= width
            constant.append(f"(((unsigned)({name}) >> {position} & {(1 << width) - 1:#x}u) << {segment})")
    inputs.insert(0, f'[word_] "i"({" | ".join(constant)})')
    arguments = ", ".join(field.name for field in opcode.operands)
    body = " ".join(checks + [f'__asm__ volatile(".4byte {word}" : {", ".join(outputs)} : {", ".join(inputs)} : "memory");'])
    return f"#define {opcode.identifier}({arguments}) \\\n  do {{ {body} }} while (0)"


def intrinsics(opcodes):
    lines = [
        "// Generated from sw/isa/opcodes.tbl; do not edit. One macro for each Xd1 instruction, operands in the order of the table:",
        "// vector registers, tiles and immediates are constants, scalars are C expressions; rd, and the pointer of an access that",
        "// may increment it, are lvalues.",
        "#ifndef TATAMI_INTRINSICS_GEN_H", "#define TATAMI_INTRINSICS_GEN_H", "",
        "// The numbers of the registers that the compiler chooses, for the assembler.",
        '__asm__("' + "\\n".join(f".set .L_tatami_{name}, {number}" for number, name in enumerate(REGISTERS)) + '");', ""]
    for opcode in opcodes:
        if opcode.extension.startswith("xd1"):
            lines += [intrinsic(opcode), ""]
    return "\n".join(lines + ["#endif", ""])


def cplusplus(fields, opcodes):
    lines = [
        "// Generated from sw/isa/opcodes.tbl; do not edit.", "#pragma once", "", "#include <array>", "#include <cstdint>",
        "#include <string_view>", "", "namespace tatami::isa {", "",
        "/// Every instruction, in the order of the table; kIllegal stands for words that match none.",
        "enum class Op : std::uint16_t {"]
    lines += [f"  {opcode.identifier}_," for opcode in opcodes] + ["  kIllegal,", "};", ""]
    lines += ["/// What an operand field names.", "enum class Kind : std::uint8_t { " + ", ".join(KINDS.values()) + " };", "",
              "/// Operand fields.", "enum class Field : std::uint8_t {"]
    lines += [f"  {name}," for name in fields] + ["};", ""]
    lines.append("// The value of a field of an instruction word; signed immediates are sign-extended, appended zero bits included.")
    for field in fields.values():
        position, terms = field.width + field.zeros, []
        for low, width in field.segments:
            position -= width
            terms.append(f"(std::uint64_t{{insn}} >> {low} & {(1 << width) - 1:#x}) << {position}")
        value = " | ".join(f"({term})" for term in terms)
        if field.kind == "i":
            shift = 64 - field.width - field.zeros
            lines.append(f"constexpr std::int64_t field_{field.name}(std::uint32_t insn) {{\n"
                         f"  return static_cast<std::int64_t>(({value}) << {shift}) >> {shift};\n}}")
        else:
            lines.append(f"constexpr std::uint32_t field_{field.name}(std::uint32_t insn) {{\n"
                         f"  return static_cast<std::uint32_t>({value});\n}}")
    lines += ["", "/// The value of a field chosen at run time (disassembler).",
              "constexpr std::int64_t field_value(Field field, std::uint32_t insn) {", "  switch (field) {"]
    lines += [f"    case Field::{name}: return field_{name}(insn);" for name in fields]
    lines += ["  }", "  return 0;", "}", "", "/// The other way round: the bits that `value` has in an instruction word. Excess bits of the value are dropped.",
              "constexpr std::uint32_t field_bits(Field field, std::int64_t value) {",
              "  const auto bits = static_cast<std::uint64_t>(value);", "  std::uint64_t word = 0;", "  switch (field) {"]
    for field in fields.values():
        position, terms = field.width + field.zeros, []
        for low, width in field.segments:
            position -= width
            terms.append(f"(bits >> {position} & {(1 << width) - 1:#x}) << {low}")
        lines.append(f"    case Field::{field.name}: word = {' | '.join(f'({term})' for term in terms)}; break;")
    lines += ["  }", "  return static_cast<std::uint32_t>(word);", "}", "", "struct Operand {", "  Field field;", "  Kind kind;", "  std::string_view name;", "};", ""]
    most = max(len(opcode.operands) for opcode in opcodes)
    lines += ["struct Opcode {", "  Op op;", "  std::string_view name;", "  std::string_view extension;", "  std::uint32_t mask;",
              "  std::uint32_t match;", "  std::uint8_t operand_count;", f"  std::array<Operand, {most}> operands;  // in assembly order",
              "};", "", f"inline constexpr std::array<Opcode, {len(opcodes)}> kOpcodes = {{{{"]
    for opcode in opcodes:
        operands = ", ".join(f'Operand{{Field::{field.name}, Kind::{KINDS[field.kind]}, "{field.name}"}}' for field in opcode.operands)
        lines.append(f'    {{Op::{opcode.identifier}_, "{opcode.name}", "{opcode.extension}", {opcode.mask:#010x}, {opcode.match:#010x}, '
                     f"{len(opcode.operands)}, {{{{{operands}}}}}}},")
    return "\n".join(lines + ["}};", "", "}  // namespace tatami::isa", ""])


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, help="directory for the three files")
    parser.add_argument("--sv", type=pathlib.Path, help="write only the SystemVerilog package, here")
    parser.add_argument("--check", action="store_true", help="check the tables and write nothing")
    options = parser.parse_args()
    if not (options.out or options.sv or options.check):
        parser.error("nothing to do: give --out DIR, --sv FILE or --check")
    fields, opcodes = read_tables()
    if options.out:
        write_if_changed(options.out / "d1_opcodes_pkg.sv", system_verilog(opcodes))
        write_if_changed(options.out / "tatami_intrinsics_gen.h", intrinsics(opcodes))
        write_if_changed(options.out / "opcodes.gen.h", cplusplus(fields, opcodes))
    if options.sv:
        write_if_changed(options.sv, system_verilog(opcodes))


if __name__ == "__main__":
    main()
