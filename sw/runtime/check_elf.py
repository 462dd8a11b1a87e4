#!/usr/bin/env python3
"""Checks a linked program for what a Tatami node does not execute or the compiler cannot know.

    check_elf.py PROGRAM.elf

Rejected, with function and address:
  - compressed and floating-point instructions;
  - a call, a return or a computed jump between dv_begin() and dv_end(): every function may overwrite all vector registers
    and tiles, so a value kept in one would be lost. Regions are followed along all branches.
"""

import struct
import sys

BEGIN = 0x7D100013  # addi x0, x0, 0x7D1: dv_begin()
END = 0x7D200013  # addi x0, x0, 0x7D2: dv_end()
FLOAT_OPCODES = {0x07, 0x27, 0x43, 0x47, 0x4B, 0x4F, 0x53}


def read_elf(data):
    """(code: {address: instruction}, functions: sorted [(address, name)]) of a 64-bit little-endian ELF file."""
    if data[:4] != b"\x7fELF" or data[4] != 2 or data[5] != 1:
        raise ValueError("not a 64-bit little-endian ELF file")
    shoff, = struct.unpack_from("<Q", data, 40)
    shentsize, shnum = struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, shoff + i * shentsize) for i in range(shnum)]
    code, functions = {}, []
    for _, kind, flags, address, offset, size, link, _, _, entsize in sections:
        if kind == 1 and flags & 4:  # PROGBITS, executable
            for at in range(0, size - 3, 4):
                code[address + at], = struct.unpack_from("<I", data, offset + at)
        if kind == 2:  # SYMTAB
            strings = sections[link][4]
            for i in range(size // entsize):
                name, info, _, _, value, _ = struct.unpack_from("<IBBHQQ", data, offset + i * entsize)
                if info & 15 in (0, 2):  # labels and functions
                    text = data[strings + name:data.index(b"\0", strings + name)].decode()
                    if text and text[0] not in ".$":
                        functions.append((value, text))
    return code, sorted(functions)


def signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) & 1 else value


def branch_target(address, word):
    offset = (word >> 31 & 1) << 12 | (word >> 7 & 1) << 11 | (word >> 25 & 63) << 5 | (word >> 8 & 15) << 1
    return address + signed(offset, 13)


def jump_target(address, word):
    offset = (word >> 31 & 1) << 20 | (word >> 12 & 255) << 12 | (word >> 20 & 1) << 11 | (word >> 21 & 1023) << 1
    return address + signed(offset, 21)


def check(code, functions):
    """A list of (address, message)."""
    errors = []
    for address, word in code.items():
        if word & 3 != 3:
            errors.append((address, f"compressed instruction or data in code: {word & 0xFFFF:04x}; compile with -march=rv64ima_zicsr_zifencei"))
        elif word & 0x7F in FLOAT_OPCODES:
            errors.append((address, f"floating-point instruction {word:08x}; compile with -march=rv64ima_zicsr_zifencei -mabi=lp64"))
    seen = set()
    todo = [address + 4 for address, word in code.items() if word == BEGIN]
    while todo:
        address = todo.pop()
        if address in seen or address not in code:
            continue
        seen.add(address)
        word = code[address]
        opcode, rd = word & 0x7F, word >> 7 & 31
        if word == END:
            continue
        if opcode == 0x6F:
            if rd != 0:
                errors.append((address, "call inside a vector region: the callee may overwrite every vector register"))
            todo.append(jump_target(address, word) if rd == 0 else address + 4)
        elif opcode == 0x67:
            what = "call" if rd != 0 else "return" if word >> 15 & 31 == 1 else "computed jump"
            errors.append((address, f"{what} inside a vector region: it needs dv_end() before it"))
        else:
            if opcode == 0x63:
                todo.append(branch_target(address, word))
            todo.append(address + 4)
    return sorted(errors)


def function_at(functions, address):
    name, base = "?", address
    for value, text in functions:
        if value > address:
            break
        name, base = text, value
    return f"{name}+0x{address - base:x}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        with open(sys.argv[1], "rb") as file:
            code, functions = read_elf(file.read())
    except (OSError, ValueError, struct.error) as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    if not code:
        sys.exit(f"{sys.argv[1]}: no code found")
    errors = check(code, functions)
    for address, message in errors[:20]:
        print(f"{sys.argv[1]}: 0x{address:x} ({function_at(functions, address)}): {message}", file=sys.stderr)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
