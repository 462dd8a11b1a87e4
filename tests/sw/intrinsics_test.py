"""Every intrinsic assembles, at -O0 and -O2, to the word that the table says; bad operands are refused when compiling.

usage: intrinsics_test.py RISCV_CC
"""
import importlib.util
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

ISA = pathlib.Path(__file__).resolve().parents[2] / "sw" / "isa"
CC = "riscv64-unknown-elf-gcc"
FLAGS = ["-march=rv64ima_zicsr_zifencei", "-mabi=lp64", "-mcmodel=medany", "-std=gnu11", "-ffreestanding", "-Wall", "-Wextra", "-Werror"]


def load_generator():
    spec = importlib.util.spec_from_file_location("generate", ISA / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def extract(field, word):
    value = 0
    for low, width in field.segments:
        value = value << width | word >> low & (1 << width) - 1
    if field.kind == "i" and value >> (field.width - 1):
        value -= 1 << field.width
    return value


class Intrinsics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.work = pathlib.Path(cls.directory.name)
        cls.generator = load_generator()
        _, opcodes = cls.generator.read_tables()
        cls.opcodes = [opcode for opcode in opcodes if opcode.extension.startswith("xd1")]
        subprocess.run([sys.executable, "-B", ISA / "generate.py", "--out", cls.work], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def compile(self, source, *flags):
        path = self.work / "test.c"
        path.write_text('#include "tatami_intrinsics_gen.h"\n' + source)
        return subprocess.run([CC, *FLAGS, *flags, "-I", self.work, "-c", path, "-o", self.work / "test.o"], capture_output=True, text=True)

    def words(self):
        """Words of custom-0..3 in the object's code, in order."""
        binary = self.work / "test.bin"
        subprocess.run([CC.replace("gcc", "objcopy"), "-O", "binary", "-j", ".text", self.work / "test.o", binary], check=True)
        data = binary.read_bytes()
        words = [int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data), 4)]
        return [word for word in words if word & 0x7F in (0x0B, 0x2B, 0x5B, 0x7B)]

    def test_every_intrinsic(self):
        rng = random.Random(1)
        for level in ("-O0", "-O2"):
            calls, expected = [], []
            for opcode in self.opcodes * 4:
                arguments, constants = [], {}
                for field in opcode.operands:
                    if field.kind == "x":
                        arguments.append({"rd": "r", "rs1": "p", "rs2": "q"}[field.name])
                    else:
                        low = -(1 << (field.width - 1)) if field.kind == "i" else 0
                        constants[field.name] = rng.choice([low, low + (1 << field.width) - 1, rng.randrange(low, low + (1 << field.width))])
                        arguments.append(str(constants[field.name]))
                calls.append(f"  {opcode.identifier}({', '.join(arguments)});")
                expected.append((opcode, constants))
            source = "char *f(char *p, long q) {\n  long r = q + 1;\n" + "\n".join(calls) + "\n  return p + r;\n}\n"
            result = self.compile(source, level)
            self.assertEqual(result.returncode, 0, result.stderr)
            words = self.words()
            self.assertEqual(len(words), len(expected), level)
            for word, (opcode, constants) in zip(words, expected):
                self.assertEqual(word & opcode.mask, opcode.match, f"{opcode.name} {word:#010x}")
                for field in opcode.operands:
                    if field.kind != "x":
                        self.assertEqual(extract(field, word), constants[field.name], f"{opcode.name} {field.name} {word:#010x}")

    def test_registers_are_those_of_the_compiler(self):
        source = """
          register long a asm("a0"); register long b asm("t6"); register long c asm("s11");
          void f(void) { asm volatile("" : "=r"(a), "=r"(b), "=r"(c)); dn_amoadd_d(a, b, c); }
        """
        result = self.compile(source, "-O2", "-Wno-error", "-ffixed-t6", "-ffixed-s11")
        self.assertEqual(result.returncode, 0, result.stderr)
        (word,) = self.words()
        self.assertEqual((word >> 7 & 31, word >> 15 & 31, word >> 20 & 31), (10, 31, 27))

    def test_post_increment_changes_the_pointer(self):
        # If the compiler believed the pointer unchanged, it would return the argument.
        result = self.compile("char *f(char *p) { dv_ldp(0, p, 64, 0); return p; }", "-O2")
        self.assertEqual(result.returncode, 0, result.stderr)
        (word,) = self.words()
        self.assertEqual(word >> 15 & 31, 10)

    def test_bad_operands_are_refused(self):
        for call in ("dv_fadd(32, 0, 0)", "dv_fadd(0, -1, 0)", "dv_ld(0, p, 1024, 0)", "dv_ld(0, p, -1025, 0)", "dm_mma(8, 0, 0, 0, 0, 0)",
                     "dm_mma(0, 0, 0, 16, 0, 0)", "dv_lds(0, p, q, 8, 0, 0)", "dv_addi(0, 0, 16)", "dm_zero(256)", "dv_fadd(q, 0, 0)"):
            result = self.compile("void f(char *p, long q) { (void)p; (void)q; " + call + "; }", "-O2")
            self.assertNotEqual(result.returncode, 0, call)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        CC = sys.argv.pop(1)
    unittest.main()
