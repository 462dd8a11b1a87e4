#!/usr/bin/env python3
"""scripts/public-tests against small checkouts that look like the public ones, with programs of ours: what passes, what must
fail and why, what is left out, and which reference a signature is compared with.
  public_tests_test.py TATAMI"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TATAMI = sys.argv.pop(1)

# The macros of the frameworks, as far as the programs below need them.
ARCH_TEST_H = """
#define RVTEST_ISA(isa)
#define RVTEST_CASE(number, conditions, name)
#define RVTEST_CODE_BEGIN
#define RVTEST_CODE_END
#define RVTEST_DATA_BEGIN .data
#define RVTEST_DATA_END
"""
HERE = 'RVTEST_CASE(0,"//check ISA:=regex(.*64.*);check ISA:=regex(.*I.*M.*); def TEST_CASE_1=True;",t)'
COMPRESSED = 'RVTEST_CASE(1,"//check ISA:=regex(.*I.*C.*);def TEST_CASE_1=True;",t)'
TRAPPING = 'RVTEST_CASE(2,"//check ISA:=regex(.*I.*Zicsr.*); check hw_data_misaligned_support:=False; def TEST_CASE_1=True",t)'
ALIGNED = 'RVTEST_CASE(3,"//check ISA:=regex(^[^C]+$); check hw_data_misaligned_support:=True; def TEST_CASE_1=True",t)'
UNKNOWN = 'RVTEST_CASE(4,"//check ISA:=regex(.*64.*); verify (PMP[\'implemented\']); def TEST_CASE_1=True",t)'
RISCV_TEST_H = """
#define RVTEST_CODE_BEGIN .section .text.init; .globl _start; _start: csrr a0, mhartid; 1: bnez a0, 1b;
#define RVTEST_PASS li a0, 1; j end
#define RVTEST_FAIL li a0, 7; j end
#define RVTEST_CODE_END end: la a1, tohost; sw a0, 0(a1); 1: j 1b; .pushsection .tohost,"aw"; .globl tohost; tohost: .dword 0; .popsection
"""


def arch_program(cases, code, data="", halt="RVMODEL_HALT"):
    """Its signature is 16 bytes: what TEST_CASE_1 stores (8 bytes), XLEN, and 4 bytes that fill the last 16."""
    return f"""
#include "model_test.h"
#include "arch_test.h"
RVTEST_ISA("RV64IM")
.section .text.init
.globl rvtest_entry_point
rvtest_entry_point:
RVMODEL_BOOT
RVTEST_CODE_BEGIN
// RVTEST_CASE(9,"//check ISA:=regex(.*64.*);def COMMENT=True;",t) is a comment
#ifdef COMMENT
#error a comment was taken for a case
#endif
#ifdef TEST_CASE_1
{cases}
la x1, result
{code}
sd x2, 0(x1)
#endif
RVTEST_CODE_END
{halt}
RVTEST_DATA_BEGIN
{data}
RVTEST_DATA_END
RVMODEL_DATA_BEGIN
result: .fill 2, 4, 0xdeadbeef
.word XLEN
RVMODEL_DATA_END
"""


class PublicTests(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.dir = pathlib.Path(temporary.name)
        self.arch = self.dir / "arch"
        self.file("arch/riscv-test-suite/env/arch_test.h", ARCH_TEST_H)

    def file(self, path, text):
        path = self.dir / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def arch_test(self, name, text, reference=None):
        group, name = name.split("/")
        base = f"arch/riscv-test-suite/rv64i_m/{group}"
        self.file(f"{base}/src/{name}.S", text)
        if reference:
            self.file(f"{base}/references/{name}.reference_output", "".join(line + "\n" for line in reference))

    def run_script(self, *arguments, checkout=None, tatami=TATAMI):
        done = subprocess.run([sys.executable, ROOT / "scripts/public-tests", checkout or self.arch, "--tatami", tatami,
                               *map(str, arguments)], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def expect(self, result, code, *texts):
        self.assertEqual(result[0], code, result[1])
        for text in texts:
            self.assertRegex(result[1], text)

    def test_signature_equals_the_reference(self):
        self.arch_test("M/mul-01", arch_program(HERE, "li x3, 0x100000001\nmul x2, x3, x3"), ["00000001", "00000002", "00000040"])
        self.expect(self.run_script(), 0, r"pass +M/mul-01 +4 words as in the reference",
                    r"(?m)^1 passed \(1 compared with a reference signature\), 0 failed, 0 refused .*, 0 left out$")

    def test_signature_differs(self):
        program = arch_program(HERE, "li x2, 5")
        for reference, why in ((["00000005", "00000001", "00000040"], "word 1 .byte 4. is 00000000, the reference has 00000001"),
                               (["00000005", "00000000"], "word 2 .byte 8. is 00000040, the reference has 00000000"),
                               (["00000005", "00000000", "00000040"] + ["00000000"] * 2, "word 4 .byte 16. is nothing, the reference has 00000000"),
                               (["00000005", "0"], "reference_output:2: expected 8 or 16 hex digits")):
            self.arch_test("I/a-01", program, reference)
            self.expect(self.run_script("--golden"), 2 if "expected" in why else 1, why)

    def test_signatures_of_rtl_and_golden_model_differ(self):
        self.arch_test("I/a-01", arch_program(HERE, "li x2, 5"))
        # A Tatami whose RTL writes something else.
        self.file("wrong", f'#!/bin/sh\n{TATAMI} "$@" || exit\ncase "$3" in --signature) sed -i s/5$/6/ "$4" ;; esac\n')
        (self.dir / "wrong").chmod(0o755)
        self.expect(self.run_script(tatami=self.dir / "wrong"), 1, "FAIL +I/a-01 +the signatures of RTL and golden model differ")
        self.expect(self.run_script("--golden", tatami=self.dir / "wrong"), 0, "pass +I/a-01")

    def test_references_of_another_simulator(self):
        # Lines of 8 bytes; they come before the checkout's.
        self.arch_test("I/a-01", arch_program(HERE, "li x2, 5"), ["00000006"])
        self.file("other/a-01.signature", "0000000000000005\n0000000000000040\n")
        self.expect(self.run_script("--golden", "--references", self.dir / "other"), 0, "as in the reference")
        self.file("other/a-01.signature", "0000000000000007\n0000000000000040\n")
        self.expect(self.run_script("--golden", "--references", self.dir / "other"), 1, "the reference has 00000007")
        self.expect(self.run_script("--references", self.dir / "absent"), 2, "no such directory")

    def test_conditions_choose_the_tests(self):
        self.arch_test("privilege/c-01", arch_program(COMPRESSED, "li x2, 5"))
        self.arch_test("privilege/traps-01", arch_program(TRAPPING, "li x2, 5"))
        self.arch_test("privilege/pmp-01", arch_program(UNKNOWN, "li x2, 5"))
        self.arch_test("privilege/pmpaddr-01", arch_program(HERE, "csrr x2, pmpaddr0"))
        self.expect(self.run_script("--golden"), 2, "left out +privilege/pmpaddr-01 +it uses pmpaddr0", "left out +privilege/c-01", "left out +privilege/traps-01",
                    "left out +privilege/pmp-01", "no test was run")
        # The reference may be that of the core that traps, so it is not used.
        self.arch_test("privilege/either-01", arch_program(TRAPPING + "\n" + ALIGNED, "li x2, 5"), ["00000006"])
        self.expect(self.run_script("--golden"), 0, r"pass +privilege/either-01 +4 words, no reference", "4 left out")

    def test_too_large_is_refused(self):
        self.arch_test("I/large-01", arch_program(HERE, "li x2, 5", ".zero 1310721"))
        self.arch_test("I/small-01", arch_program(HERE, "li x2, 5"))
        self.expect(self.run_script("--golden"), 0, r"refused +I/large-01 +segment \d has 13\d+ bytes, more than the node's SRAM",
                    "1 refused as larger than the SRAM")

    def test_failures(self):
        self.arch_test("A/traps-01", arch_program(HERE, ".word 0"))
        self.expect(self.run_script(), 1, r"FAIL +A/traps-01 +RTL: exit code 3: (.|\n)*thread 0 of node 0,0 .*trapped without a handler.* at .*illegal instruction")
        self.arch_test("A/traps-01", arch_program(HERE, "nonsense"))
        self.expect(self.run_script(), 1, r"FAIL +A/traps-01 +does not build")
        self.arch_test("A/traps-01", arch_program(HERE, "li x2, 5", "result: .dword 0")
                       .replace("result: .fill 2, 4, 0xdeadbeef\n.word XLEN", ""))
        self.expect(self.run_script("--golden"), 1, r"FAIL +A/traps-01 +the signature is empty")

    def test_riscv_tests(self):
        checkout = self.dir / "riscv-tests"
        self.file("riscv-tests/isa/rv64ui/good.S", '#include "riscv_test.h"\nRVTEST_CODE_BEGIN\nRVTEST_PASS\nRVTEST_CODE_END\n')
        self.expect(self.run_script(checkout=checkout), 2, "env/p/link.ld is missing")
        self.file("riscv-tests/env/p/riscv_test.h", RISCV_TEST_H)
        self.file("riscv-tests/env/p/link.ld", "ENTRY(_start) SECTIONS { . = 0x80000000; .text.init : { *(.text.init) } "
                                               ".tohost : { *(.tohost) } .data : { *(.data) } }")
        self.expect(self.run_script(checkout=checkout), 0, r"pass +rv64ui-p-good", "1 passed .*, 0 failed")
        self.file("riscv-tests/isa/rv64ua/bad.S", '#include "riscv_test.h"\nRVTEST_CODE_BEGIN\nRVTEST_FAIL\nRVTEST_CODE_END\n')
        self.expect(self.run_script(checkout=checkout), 1, r"FAIL +rv64ua-p-bad +RTL: exit code 3", "1 passed .*, 1 failed")
        self.expect(self.run_script("--only", "p-good", checkout=checkout), 0, "1 passed .*, 0 failed")

    def test_usage(self):
        self.expect(self.run_script(checkout=self.dir / "absent"), 2, "neither riscv-tests")
        self.expect(self.run_script("--only", "("), 2, "not a regular expression")


if __name__ == "__main__":
    unittest.main()
