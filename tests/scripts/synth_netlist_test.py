"""scripts/synth_netlist.py on a small netlist: buffer trees keep every load on its signal, and memories are counted as bits."""
import json
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import synth_netlist  # noqa: E402

AREAS = {"INVX1": 16.0, "BUFX4": 32.0, "DFFPOSX1": 96.0}
LOADS = 700


def gate(kind, **pins):
    outputs = ("Y", "Q")
    return {"type": kind, "port_directions": {pin: "output" if pin in outputs else "input" for pin in pins},
            "connections": {pin: [bit] for pin, bit in pins.items()}}


def design():
    """A flip-flop (net 4) that drives LOADS inverters, an output port and an instance; a memory of 32 x 8 bits; net 2 is the clock."""
    cells = {"reg": gate("DFFPOSX1", CLK=2, D=3, Q=4), "box": {"type": "d1_child", "port_directions": {"clk_i": "input", "x_i": "input",
             "y_o": "output"}, "connections": {"clk_i": [2], "x_i": [4], "y_o": [5]}},
             "mem": {"type": "$mem_v2", "port_directions": {"RD_ADDR": "input"}, "connections": {"RD_ADDR": [4, "x"]},
                     "parameters": {"WIDTH": "1000", "SIZE": "100000"}}}
    cells.update({f"inv{i}": gate("INVX1", A=4, Y=100 + i) for i in range(LOADS)})
    # As many flip-flops on the clock, which nobody buffers.
    cells.update({f"dff{i}": gate("DFFPOSX1", CLK=2, D=100 + i, Q=10000 + i) for i in range(LOADS)})
    names = {"clk_i": [2], "d_i": [3], "q_o": [4], "y": [5]}
    return {"modules": {"top": {"cells": cells, "netnames": {name: {"bits": bits, "hide_name": 0} for name, bits in names.items()},
            "ports": {"clk_i": {"direction": "input", "bits": [2]}, "d_i": {"direction": "input", "bits": [3]},
                      "q_o": {"direction": "output", "bits": [4]}}}}}


class Buffers(unittest.TestCase):
    def setUp(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "top.json"
            path.write_text(json.dumps(design()))
            self.netlist = synth_netlist.Netlist(path, "top", AREAS)

    def source(self, bit):
        """The net behind the buffers."""
        for name, content in self.netlist.gates.items():
            if name.startswith("$fanout") and content["connections"]["Y"] == [bit]:
                return self.source(content["connections"]["A"][0])
        return bit

    def test_no_net_but_the_clock_has_too_many_loads(self):
        for net, places in self.netlist.loads().items():
            if net != 2:
                self.assertLessEqual(len(places), synth_netlist.FANOUT, f"net {net}")
        self.assertGreater(len(self.netlist.loads()[2]), LOADS)

    def test_every_load_is_still_on_its_signal(self):
        for i in range(0, LOADS, 37):
            self.assertEqual(self.source(self.netlist.gates[f"inv{i}"]["connections"]["A"][0]), 4)
            self.assertEqual(self.netlist.gates[f"dff{i}"]["connections"]["D"], [100 + i])
        self.assertEqual(self.source(self.netlist.ports["q_o"]["bits"][0]), 4)
        self.assertEqual(self.source(self.netlist.boxes["box"]["connections"]["x_i"][0]), 4)
        self.assertEqual(self.source(self.netlist.memories["mem"]["connections"]["RD_ADDR"][0]), 4)

    def test_counts(self):
        # 703 loads of net 4: 44 buffers of 16, 3 above them.
        self.assertEqual(self.netlist.buffers, 47)
        self.assertEqual(self.netlist.statistics(), {"cells": 2 * LOADS + 1 + 47, "flops": LOADS + 1, "macro_bits": 256,
                         "area_um2": LOADS * 16.0 + (LOADS + 1) * 96.0 + 47 * 32.0})

    def test_pins_of_boxes_are_ends_of_paths_but_not_clocks(self):
        labels = {label: direction for direction, label, _, _ in self.netlist.open_boxes()}
        self.assertEqual(labels["box.x_i"], "output")
        self.assertEqual(labels["box.y_o"], "input")
        self.assertNotIn("box.clk_i", labels)

    def test_an_operator_that_is_no_gate_is_refused(self):
        content = design()
        content["modules"]["top"]["cells"]["add"] = gate("$add", A=4, Y=6)
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "top.json"
            path.write_text(json.dumps(content))
            with self.assertRaisesRegex(RuntimeError, r"not mapped to gates: \$add"):
                synth_netlist.Netlist(path, "top", AREAS)


if __name__ == "__main__":
    unittest.main()
