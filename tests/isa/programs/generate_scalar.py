#!/usr/bin/env python3
"""Writes the tests of RV64IMA's computing instructions: tables of operands and results, and loops that go through them.

    generate_scalar.py NAME OUTPUT.S        NAME: op, imm, muldiv, branch, memory, amo

The results are computed here on plain integers from the text of the RISC-V specification. A failing program's exit code is
the number of the row, counted through the whole file from 1.
"""

import sys

M64 = (1 << 64) - 1
CORNERS = [0, 1, 2, M64, M64 - 1, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, M64 << 31 & M64, 1 << 32,
           0x0123456789ABCDEF, 0xFEDCBA9876543210, 0x5555555555555555]
FEW = [0, 1, M64, (1 << 63) - 1, 1 << 63, (1 << 31) - 1, 1 << 31, M64 << 31 & M64, 0x0123456789ABCDEF, 0xFEDCBA9876543210]


def signed(value, bits=64):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def word(value):
    """A 32-bit result, sign-extended."""
    return signed(value, 32) & M64


def truncating_divide(a, b):
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


def divide(a, b, bits, is_signed):
    if is_signed:
        a, b = signed(a, bits), signed(b, bits)
    else:
        a, b = a & (1 << bits) - 1, b & (1 << bits) - 1
    return -1 if b == 0 else truncating_divide(a, b)


def remainder(a, b, bits, is_signed):
    if is_signed:
        a, b = signed(a, bits), signed(b, bits)
    else:
        a, b = a & (1 << bits) - 1, b & (1 << bits) - 1
    return a if b == 0 else a - b * truncating_divide(a, b)


OP = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "sll": lambda a, b: a << (b & 63),
    "slt": lambda a, b: signed(a) < signed(b),
    "sltu": lambda a, b: a < b,
    "xor": lambda a, b: a ^ b,
    "srl": lambda a, b: a >> (b & 63),
    "sra": lambda a, b: signed(a) >> (b & 63),
    "or": lambda a, b: a | b,
    "and": lambda a, b: a & b,
    "addw": lambda a, b: word(a + b),
    "subw": lambda a, b: word(a - b),
    "sllw": lambda a, b: word(a << (b & 31)),
    "srlw": lambda a, b: word((a & 0xFFFFFFFF) >> (b & 31)),
    "sraw": lambda a, b: signed(a, 32) >> (b & 31),
}
MULDIV = {
    "mul": lambda a, b: a * b,
    "mulh": lambda a, b: signed(a) * signed(b) >> 64,
    "mulhsu": lambda a, b: signed(a) * b >> 64,
    "mulhu": lambda a, b: a * b >> 64,
    "div": lambda a, b: divide(a, b, 64, True),
    "divu": lambda a, b: divide(a, b, 64, False),
    "rem": lambda a, b: remainder(a, b, 64, True),
    "remu": lambda a, b: remainder(a, b, 64, False),
    "mulw": lambda a, b: word(a * b),
    "divw": lambda a, b: word(divide(a, b, 32, True)),
    "divuw": lambda a, b: word(divide(a, b, 32, False)),
    "remw": lambda a, b: word(remainder(a, b, 32, True)),
    "remuw": lambda a, b: word(remainder(a, b, 32, False)),
}
IMMEDIATE = {
    "addi": OP["add"],
    "slti": lambda a, b: signed(a) < signed(b),
    "sltiu": lambda a, b: a < b,
    "xori": OP["xor"],
    "ori": OP["or"],
    "andi": OP["and"],
    "addiw": OP["addw"],
}
SHIFT = {"slli": OP["sll"], "srli": OP["srl"], "srai": OP["sra"]}
SHIFTW = {"slliw": OP["sllw"], "srliw": OP["srlw"], "sraiw": OP["sraw"]}
BRANCH = {
    "beq": lambda a, b: a == b,
    "bne": lambda a, b: a != b,
    "blt": lambda a, b: signed(a) < signed(b),
    "bge": lambda a, b: signed(a) >= signed(b),
    "bltu": lambda a, b: a < b,
    "bgeu": lambda a, b: a >= b,
}
AMO = {
    "amoswap": lambda old, new, bits: new,
    "amoadd": lambda old, new, bits: old + new,
    "amoxor": lambda old, new, bits: old ^ new,
    "amoand": lambda old, new, bits: old & new,
    "amoor": lambda old, new, bits: old | new,
    "amomin": lambda old, new, bits: min(signed(old, bits), signed(new, bits)),
    "amomax": lambda old, new, bits: max(signed(old, bits), signed(new, bits)),
    "amominu": lambda old, new, bits: min(old, new),
    "amomaxu": lambda old, new, bits: max(old, new),
}


class Program:
    """test_main: only thread 0 works. s2 = number of the row."""

    def __init__(self):
        self.code = ["    .text", "    .globl test_main", "test_main:", "    bnez a0, passed", "    addi sp, sp, -64", "    sd ra, 0(sp)",
                     "    sd s0, 8(sp)", "    sd s1, 16(sp)", "    sd s2, 24(sp)", "    li s2, 0"]
        self.data = ["    .data", "    .align 6"]
        self.labels = 0
        self.rows = 0

    def label(self):
        self.labels += 1
        return f"L{self.labels}"

    def emit(self, *lines):
        self.code += ["    " + line for line in lines]

    def table(self, rows):
        name = self.label()
        self.data.append(f"{name}:")
        for row in rows:
            self.data.append("    .dword " + ", ".join(f"0x{value & M64:x}" for value in row))
        return name

    def loop(self, rows, body):
        """Runs `body` for each row, with the row's values in a0, a1, ...; it branches to `failed` on a mismatch."""
        width = len(rows[0])
        table, top = self.table(rows), self.label()
        self.emit(f"lla s0, {table}", f"lla s1, {table} + {8 * width * len(rows)}")
        self.code.append(f"{top}:")
        self.emit("addi s2, s2, 1", *[f"ld a{i}, {8 * i}(s0)" for i in range(width)], *body)
        self.emit(f"addi s0, s0, {8 * width}", f"bne s0, s1, {top}")
        self.rows += len(rows)

    def check(self, register, value):
        self.emit("addi s2, s2, 1", f"li t6, 0x{value & M64:x}", f"bne {register}, t6, failed")
        self.rows += 1

    def text(self):
        end = ["passed:", "    li a0, 0", "    ret", "failed:", "    mv a0, s2", "    j test_fail"]
        done = ["    ld ra, 0(sp)", "    ld s0, 8(sp)", "    ld s1, 16(sp)", "    ld s2, 24(sp)", "    addi sp, sp, 64", "    li a0, 0", "    ret"]
        return "\n".join(self.code + done + end + self.data) + "\n"


def registers(program, table):
    for name, function in table.items():
        rows = [(a, b, function(a, b)) for a in CORNERS for b in CORNERS]
        if name in ("sll", "srl", "sra", "sllw", "srlw", "sraw"):
            rows += [(a, b, function(a, b)) for a in FEW for b in (3, 31, 32, 33, 63, 64, 65, 127)]
        program.loop(rows, [f"{name} a3, a0, a1", "bne a3, a2, failed"])
        # Every way in which operands coincide, x0 included, with operands fresh from the instruction before.
        a, b = 0xFEDCBA9876543210, 0x123456789ABCDEF1
        load_a, load_b = f"li a0, 0x{a:x}", f"li a1, 0x{b:x}"
        for destination, left, right in (("a0", "a0", "a1"), ("a1", "a0", "a1"), ("a0", "a0", "a0"), ("a2", "a0", "a0"), ("a2", "a0", "x0"),
                                         ("a2", "x0", "a1"), ("a2", "x0", "x0"), ("x0", "a0", "a1")):
            values = {"a0": a, "a1": b, "x0": 0}
            result = function(values[left], values[right])
            program.emit(load_a, load_b, f"{name} {destination}, {left}, {right}")
            program.check(destination, 0 if destination == "x0" else int(result))
        # From loads, and as the address of a load.
        program.emit("lla t0, scratch", load_a, load_b, "sd a0, 0(t0)", "sd a1, 8(t0)", "ld a2, 0(t0)", f"{name} a3, a2, a1")
        program.check("a3", int(function(a, b)))
        program.emit("ld a2, 8(t0)", f"{name} a3, a0, a2", "mv a4, a3")
        program.check("a4", int(function(a, b)))


def op(program):
    registers(program, OP)


def muldiv(program):
    registers(program, MULDIV)


def imm(program):
    for table, immediates in ((IMMEDIATE, (-2048, -1365, -1, 0, 1, 1365, 2047)), (SHIFT, (0, 1, 17, 31, 32, 33, 63)), (SHIFTW, (0, 1, 17, 31))):
        for name, function in table.items():
            for immediate in immediates:
                rows = [(a, int(function(a, immediate & M64))) for a in CORNERS]
                program.loop(rows, [f"{name} a2, a0, {immediate}", "bne a2, a1, failed"])
            program.emit("li a0, 0x123456789abcdef1", f"{name} a0, a0, 5")
            program.check("a0", int(function(0x123456789ABCDEF1, 5)))
            program.emit("li a0, 7", f"{name} x0, a0, 5")
            program.check("x0", 0)
    for value in (0, 1, 0x7FFFF, 0x80000, 0xFFFFF, 0x12345):
        program.emit(f"lui a0, 0x{value:x}")
        program.check("a0", word(value << 12))
        here = program.label()
        program.code.append(f"{here}:")
        program.emit(f"auipc a0, 0x{value:x}", f"lla a1, {here}", "sub a0, a0, a1")
        program.check("a0", word(value << 12))
    program.emit("lui x0, 0x12345")
    program.check("x0", 0)


def branch(program):
    for name, function in BRANCH.items():
        taken, done = program.label(), program.label()
        program.loop([(a, b, int(function(a, b))) for a in CORNERS for b in CORNERS],
                     [f"{name} a0, a1, {taken}", "li a3, 0", f"j {done}", f"{taken}: li a3, 1", f"{done}: bne a3, a2, failed"])
        # Backward, and with the operands fresh.
        back, forth, on = program.label(), program.label(), program.label()
        a, b = next((a, b) for a in CORNERS for b in CORNERS if function(a, b))
        program.emit("li a3, 0", f"j {forth}")
        program.code.append(f"{back}:")
        program.emit("li a3, 1", f"j {on}")
        program.code.append(f"{forth}:")
        program.emit(f"li a0, 0x{a:x}", f"li a1, 0x{b:x}", f"{name} a0, a1, {back}")
        program.code.append(f"{on}:")
        program.check("a3", 1)
        # As far as it goes.
        far, near, on = program.label(), program.label(), program.label()
        program.emit("li a3, 0", f"li a0, 0x{a:x}", f"li a1, 0x{b:x}", f"j {near}")
        program.code.append(f"{far}:")
        program.emit("addi a3, a3, 1", f"j {on}", ".skip 4096 - 8")
        program.code.append(f"{near}:")
        program.emit(f"{name} a0, a1, {far}")
        program.code.append(f"{on}:")
        program.check("a3", 1)
    # Jumps: link values, rd = rs1, bit 0 of the target, far targets.
    for destination in ("ra", "t1", "x0"):
        target, after = program.label(), program.label()
        program.emit(f"jal {destination}, {target}")
        program.code.append(f"{after}:")
        program.emit("j failed", "j failed")
        program.code.append(f"{target}:")
        if destination != "x0":
            program.emit(f"lla a1, {after}", f"sub a0, {destination}, a1")
            program.check("a0", 0)
        for offset in (-2048, -1, 0, 1, 2046, 2047):
            for register in ("t1", "t2"):
                target, after = program.label(), program.label()
                program.emit(f"lla t1, {target}", f"li t2, {offset & ~1}", "sub t1, t1, t2", f"jalr {register}, {offset}(t1)")
                program.code.append(f"{after}:")
                program.emit("j failed")
                program.code.append(f"{target}:")
                program.emit(f"lla a1, {after}", f"sub a0, {register}, a1")
                program.check("a0", 0)
    forward, backward, on = program.label(), program.label(), program.label()
    program.emit("li a3, 0", f"j {forward}")
    program.code.append(f"{backward}:")
    program.emit("addi a3, a3, 1", f"j {on}", ".skip 262144")
    program.code.append(f"{forward}:")
    program.emit("addi a3, a3, 2", f"jal t1, {backward}")
    program.code.append(f"{on}:")
    program.check("a3", 3)


def memory(program):
    pattern = [(i * 37 + 0x81) & 0xFF for i in range(64)]
    program.data += ["pattern: .byte " + ", ".join(map(str, pattern)), "    .align 6"]
    program.emit("lla s0, pattern")
    for name, size, is_signed in (("lb", 1, True), ("lh", 2, True), ("lw", 4, True), ("ld", 8, True), ("lbu", 1, False), ("lhu", 2, False),
                                  ("lwu", 4, False)):
        for offset in range(17):
            value = int.from_bytes(pattern[16 + offset:16 + offset + size], "little")
            result = signed(value, 8 * size) if is_signed else value
            program.emit("lla s0, pattern", f"{name} a0, {16 + offset}(s0)")
            program.check("a0", result)
            program.emit(f"addi s1, s0, {offset + 2000 + 16}", f"{name} s1, -2000(s1)")
            program.check("s1", result)
    for name, size in (("sb", 1), ("sh", 2), ("sw", 4), ("sd", 8)):
        for offset in range(17):
            content = list(pattern[:32])
            program.emit("lla s0, pattern", "lla s1, scratch")
            for i in range(0, 32, 8):
                program.emit(f"ld a0, {i}(s0)", f"sd a0, {i}(s1)")
            stored = 0xF1E2D3C4B5A69788
            program.emit(f"li a0, 0x{stored:x}", f"addi a1, s1, {offset - 2000}", f"{name} a0, 2000(a1)")
            content[offset:offset + size] = stored.to_bytes(8, "little")[:size]
            for i in range(0, 32, 8):
                program.emit(f"ld a2, {i}(s1)")
                program.check("a2", int.from_bytes(content[i:i + 8], "little"))
            # Straight back, from a piece of it and from around it.
            program.emit(f"{name} a0, {offset}(s1)", f"lb a2, {offset + size - 1}(s1)")
            program.check("a2", signed(content[offset + size - 1], 8))
            begin = max(0, offset - 3)
            program.emit(f"ld a2, {begin}(s1)")
            program.check("a2", int.from_bytes(content[begin:begin + 8], "little"))
    # The last bytes of SRAM, and the first.
    for name, load, size in (("sb", "lb", 1), ("sh", "lh", 2), ("sw", "lw", 4), ("sd", "ld", 8)):
        program.emit("lla s1, __stack_top", "li a0, 0x8182838485868788", f"{name} a0, {-size}(s1)", f"{load} a1, {-size}(s1)")
        program.check("a1", signed(0x8182838485868788, 8 * size))
    program.emit("lla s1, __sram_start", "ld a0, 0(s1)", "sd a0, 0(s1)", "lw a1, 1(s1)", "srli a0, a0, 8", "sext.w a0, a0", "sub a1, a1, a0")
    program.check("a1", 0)


def amo(program):
    for suffix, bits, load, store in (("w", 32, "lw", "sw"), ("d", 64, "ld", "sd")):
        mask = (1 << bits) - 1
        for number, (name, function) in enumerate(AMO.items()):
            rows = []
            for old in FEW:
                for new in FEW:
                    result = function(old & mask, new & mask, bits) & mask
                    rows.append((old & mask, new, signed(old, bits), signed(result, bits)))
            order = ("", ".aq", ".rl", ".aqrl")[number % 4]
            for place in (0, 4) if bits == 32 else (0,):
                # The neighbours of the word must stay as they are.
                program.loop(rows, [f"lla t0, scratch + {8 + place}", "li t1, 0x1122334455667788", f"sd t1, {-place}(t0)",
                                    f"{store} a0, 0(t0)", f"{name}.{suffix}{order} a4, a1, (t0)", "bne a4, a2, failed", f"{load} a4, 0(t0)",
                                    "bne a4, a3, failed"] +
                             ([f"lw a4, {4 if place == 0 else -4}(t0)", f"li a5, {0x11223344 if place == 0 else 0x55667788}", "bne a4, a5, failed"]
                              if bits == 32 else []))
            for destination, source in (("a1", "a1"), ("t0", "a1"), ("x0", "a1"), ("a1", "x0")):
                old, new = 0x8899AABBCCDDEEFF & mask, 0x7766554433221100 if source == "a1" else 0
                result = function(old, new & mask, bits) & mask
                program.emit("lla t0, scratch", "lla t2, scratch", f"li a0, 0x{old:x}", f"{store} a0, 0(t0)", "li a1, 0x7766554433221100",
                             f"{name}.{suffix} {destination}, {source}, (t0)")
                program.check(destination, 0 if destination == "x0" else signed(old, bits))
                program.emit(f"{load} a2, 0(t2)")
                program.check("a2", signed(result, bits))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program = Program()
    program.data += ["scratch: .space 128"]
    {"op": op, "imm": imm, "muldiv": muldiv, "branch": branch, "memory": memory, "amo": amo}[sys.argv[1]](program)
    with open(sys.argv[2], "w", encoding="ascii") as file:
        file.write(f"# Generated by generate_scalar.py: {program.rows} rows.\n" + program.text())


if __name__ == "__main__":
    main()
