"""Errors in the opcode table are found and named; output is written only if it changed."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ISA = pathlib.Path(__file__).resolve().parents[2] / "sw" / "isa"


class OpcodeTable(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.work = pathlib.Path(self.directory.name)
        for name in ("generate.py", "opcodes.tbl", "fields.tbl"):
            shutil.copy(ISA / name, self.work)

    def generate(self, *arguments):
        return subprocess.run([sys.executable, "-B", self.work / "generate.py", *arguments], capture_output=True, text=True)

    def expect_error(self, line, *words):
        with open(self.work / "opcodes.tbl", "a") as table:
            table.write(line + "\n")
        result = self.generate("--check")
        self.assertNotEqual(result.returncode, 0, "accepted: " + line)
        for word in words:
            self.assertIn(word, result.stderr)

    def test_the_table_is_correct(self):
        result = self.generate("--check")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_overlapping_encodings(self):
        self.expect_error("dv.copy rd rs1 rs2 31..25=0x00 14..12=0 6..2=0x0C 1..0=3", "dv.copy", "add")

    def test_overlap_of_a_more_general_encoding(self):
        self.expect_error("dv.any rd rs1 imm12 14..12=0 6..2=0x0C 1..0=3", "dv.any")

    def test_bits_without_meaning(self):
        self.expect_error("dv.gap rd rs1 rs2 14..12=7 6..2=0x1A 1..0=3", "dv.gap", "0xfe000000")

    def test_unknown_field(self):
        self.expect_error("dv.bad rd rs9 rs2 31..25=0 14..12=7 6..2=0x1A 1..0=3", "rs9")

    def test_overlapping_fields(self):
        self.expect_error("dv.twice rd rs1 rs2 imm12 14..12=7 6..2=0x1A 1..0=3", "imm12")

    def test_value_that_does_not_fit(self):
        self.expect_error("dv.wide rd rs1 rs2 31..25=0x80 14..12=7 6..2=0x1A 1..0=3", "31..25=0x80")

    def test_same_name(self):
        self.expect_error("add rd rs1 rs2 31..25=0 14..12=7 6..2=0x1A 1..0=3", "add")

    def test_output_is_written_only_if_it_changed(self):
        out = self.work / "out"
        self.assertEqual(self.generate("--out", out).returncode, 0)
        files = sorted(out.iterdir())
        self.assertEqual([f.name for f in files], ["d1_opcodes_pkg.sv", "opcodes.gen.h", "tatami_intrinsics_gen.h"])
        for file in files:
            os.utime(file, (1, 1))
        files[0].write_text("stale")
        os.utime(files[0], (1, 1))
        self.assertEqual(self.generate("--out", out).returncode, 0)
        self.assertNotEqual(files[0].stat().st_mtime, 1)
        self.assertIn("OP_DV_FADD", files[0].read_text())
        for file in files[1:]:
            self.assertEqual(file.stat().st_mtime, 1, file)


if __name__ == "__main__":
    unittest.main()
