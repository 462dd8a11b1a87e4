#!/usr/bin/env python3
"""What the check after linking (sw/runtime/check_elf.py) refuses, tried through scripts/kernel-cc.

    check_elf_test.py SOURCE_DIR GENERATED_DIR
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE, GENERATED = pathlib.Path(), ""


class CheckElf(unittest.TestCase):
    def compile(self, body, *flags):
        """Compiles a program with this text after the include; returns (exit status, messages)."""
        with tempfile.TemporaryDirectory() as directory:
            source = pathlib.Path(directory, "program.c")
            source.write_text('#include "tatami.h"\n' + body)
            result = subprocess.run([SOURCE / "scripts/kernel-cc", source, "-o", pathlib.Path(directory, "program.elf"), *flags],
                                    capture_output=True, text=True, env={**os.environ, "TATAMI_GENERATED": GENERATED})
            self.assertEqual(result.returncode == 0, pathlib.Path(directory, "program.elf").exists())
            return result.returncode, result.stderr

    def refused(self, message, body, *flags):
        status, text = self.compile(body, *flags)
        self.assertNotEqual(status, 0)
        self.assertIn(message, text)

    def accepted(self, body, *flags):
        status, text = self.compile(body, *flags)
        self.assertEqual(status, 0, text)

    def test_plain_programs_pass(self):
        self.accepted("int main(int thread, int nthreads) { return thread - nthreads < 0 ? 0 : 1; }")

    def test_a_vector_region_passes_at_every_optimisation(self):
        body = """
            int main(int thread, int nthreads) {
              static int x[64] __attribute__((aligned(64)));
              int *p = x;
              dv_begin();
              for (int i = 0; i < 4; ++i) { dv_ldp(0, p, 64, 0); dv_fadd(1, 1, 0); }
              dv_end();
              return thread + nthreads == 99;
            }"""
        for level in ("-O0", "-Os", "-O2", "-O3"):
            self.accepted(body, level)

    def test_a_call_in_a_vector_region_is_refused(self):
        self.refused("call inside a vector region", """
            __attribute__((noinline)) void other(void) { dv_fadd(0, 0, 0); }
            int main(int thread, int nthreads) {
              dv_begin();
              if (thread == nthreads) other();
              dv_end();
              return 0;
            }""")

    def test_a_region_without_end_is_refused(self):
        self.refused("return inside a vector region", """
            int main(int thread, int nthreads) {
              dv_begin();
              if (thread == nthreads) return 1;
              dv_end();
              return 0;
            }""")

    def test_the_message_names_the_function(self):
        self.refused("(offender+0x", """
            __attribute__((noinline)) void other(void) { dv_fadd(0, 0, 0); }
            __attribute__((noinline)) void offender(void) { dv_begin(); other(); dv_end(); }
            int main(int thread, int nthreads) { offender(); return thread == nthreads; }""")

    def test_compressed_instructions_are_refused(self):
        self.refused("compressed instruction", """
            int main(int thread, int nthreads) {
              __asm__ volatile(".option push\\n.option rvc\\nc.nop\\nc.nop\\n.option pop");
              return thread == nthreads;
            }""")

    def test_floating_point_instructions_are_refused(self):
        self.refused("floating-point instruction", """
            int main(int thread, int nthreads) {
              __asm__ volatile(".word 0x00107053");
              return thread == nthreads;
            }""")

    def test_floating_point_in_c_is_software_and_passes(self):
        self.accepted("""
            volatile double x = 1.5;
            int main(int thread, int nthreads) { x = x * thread + nthreads; return (int)x == 77; }""")


if __name__ == "__main__":
    SOURCE, GENERATED = pathlib.Path(sys.argv[1]), sys.argv[2]
    unittest.main(argv=sys.argv[:1])
