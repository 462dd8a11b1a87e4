"""A mapped block as Yosys leaves it (write_json): counting its gates, buffering what ABC leaves alone, timing it with OpenSTA.

A cell is a gate of the library, a memory that stays a macro ($mem_v2), or a black box (an instance of another block). Nets have
one bit each and are numbers; constants are "0", "1" and "x".
"""
import json
import re
import subprocess

FANOUT = 16  # loads a net may have; beyond them a tree of buffers
BUFFER = "BUFX4"
LOAD_PF = 0.015  # what an output port or a pin of a black box loads its net with: a gate's input
# A black box or register input has no drive of its own; what comes from outside is driven by this gate.
DRIVER = "BUFX4"


def liberty_areas(path):
    """{cell: area} of a Liberty file."""
    return {name: float(area) for name, area in
            re.findall(r"^cell \((\w+)\) \{(?:[^{}]|\n)*?area : ([\d.]+);", path.read_text(), re.M)}


class Netlist:
    """One block. `loads` counts only pins that a signal reaches; clock and reset have trees that nobody builds here."""

    def __init__(self, path, name, areas, clocks=("clk_i", "rst_ni")):
        module = json.loads(path.read_text())["modules"][name]
        self.areas, self.ports = areas, module["ports"]
        self.gates, self.boxes, self.memories = {}, {}, {}
        for cell, content in module["cells"].items():
            kind = content["type"]
            where = self.gates if kind in areas else self.memories if kind == "$mem_v2" else self.boxes
            where[cell] = content
        unmapped = sorted({content["type"] for content in self.boxes.values() if content["type"].startswith("$")})
        if unmapped:
            raise RuntimeError(f"{name}: not mapped to gates: {', '.join(unmapped)}")
        self.names = {}
        for signal, content in module["netnames"].items():
            for index, bit in enumerate(content["bits"]):
                label = f"{signal}[{index}]" if len(content["bits"]) > 1 else signal
                if bit not in self.names or (not content["hide_name"] and self.names[bit].startswith("$")):
                    self.names[bit] = label
        self.ideal = {bit for port in clocks if port in self.ports for bit in self.ports[port]["bits"]}
        self.next = 1 + max([bit for bit in self.names if isinstance(bit, int)], default=0)
        self.buffers = self.buffer()

    def pins(self, content, direction):
        """(pin, index) of a cell whose direction is this one."""
        return [(pin, index) for pin, way in content["port_directions"].items() if way == direction
                for index in range(len(content["connections"][pin]))]

    def loads(self):
        """{net: [list of bits, index]}, every place where a net is read, in an order that does not change."""
        found = {}
        for content in list(self.gates.values()) + list(self.boxes.values()) + list(self.memories.values()):
            for pin, index in self.pins(content, "input"):
                bits = content["connections"][pin]
                if isinstance(bits[index], int):
                    found.setdefault(bits[index], []).append((bits, index))
        for port in self.ports.values():
            if port["direction"] == "output":
                for index, bit in enumerate(port["bits"]):
                    if isinstance(bit, int):
                        found.setdefault(bit, []).append((port["bits"], index))
        return found

    def buffer(self):
        """Puts a balanced tree of buffers behind every net with more than FANOUT loads; returns the number of buffers. ABC buffers
        what gates drive, not what registers, ports and black boxes do."""
        # What reaches set and reset pins belongs to the reset tree.
        resets = {bit for content in self.gates.values() if content["type"] == "DFFSR"
                  for pin in ("R", "S") for bit in content["connections"][pin]}
        count = 0
        for net, places in self.loads().items():
            if net in self.ideal or net in resets:
                continue
            while len(places) > FANOUT:
                groups = -(-len(places) // FANOUT)
                size = -(-len(places) // groups)
                above = []
                for start in range(0, len(places), size):
                    leaf, source = self.next, [net]
                    self.next += 1
                    self.names[leaf] = self.names[net]
                    self.gates[f"$fanout${count}"] = {"type": BUFFER, "port_directions": {"A": "input", "Y": "output"},
                                                      "connections": {"A": source, "Y": [leaf]}}
                    for bits, index in places[start:start + size]:
                        bits[index] = leaf
                    above.append((source, 0))
                    count += 1
                places = above
        return count

    def statistics(self):
        """Gates, flip-flops, area in square micrometres, bits in memory macros."""
        kinds = [content["type"] for content in self.gates.values()]
        bits = sum(int(content["parameters"]["WIDTH"], 2) * int(content["parameters"]["SIZE"], 2) for content in self.memories.values())
        return {"cells": len(kinds), "flops": sum(kind.startswith("DFF") for kind in kinds),
                "area_um2": sum(self.areas[kind] for kind in kinds), "macro_bits": bits}

    def open_boxes(self):
        """(direction seen from the block, label, list of bits, index) of every port and every pin of a black box: where paths begin
        and end. A pin's direction is turned round."""
        for port, content in self.ports.items():
            for index in range(len(content["bits"])):
                label = f"{port}[{index}]" if len(content["bits"]) > 1 else port
                yield content["direction"], label, content["bits"], index
        for cell, content in list(self.boxes.items()) + list(self.memories.items()):
            for direction, turned in (("input", "output"), ("output", "input")):
                for pin, index in self.pins(content, direction):
                    bits = content["connections"][pin]
                    if bits[index] in self.ideal:
                        continue
                    label = f"{cell.lstrip('$')}.{pin}[{index}]" if len(bits) > 1 else f"{cell.lstrip('$')}.{pin}"
                    yield turned, label, bits, index

    def verilog(self, path, name):
        """Writes what OpenSTA reads; returns {its name: ours} of ports and gates."""
        def net(bit):
            return f"n{bit}" if isinstance(bit, int) else f"1'b{1 if bit == '1' else 0}"

        labels, ports, body = {}, [], []
        driven = {bits[index] for content in self.gates.values() for pin, index in self.pins(content, "output")
                  for bits in [content["connections"][pin]]}
        for direction, label, bits, index in self.open_boxes():
            port = f"p{len(ports)}"
            labels[port] = label
            if direction == "input":
                if bits[index] in driven:  # two outputs on one net, which Yosys's check refuses before
                    raise RuntimeError(f"{name}: {label} is driven twice")
                driven.add(bits[index])
                ports.append(("input", port))
                body.append(f"  wire {net(bits[index])};\n  assign {net(bits[index])} = {port};\n")
            else:
                ports.append(("output", port))
                body.append(f"  assign {port} = {net(bits[index])};\n")
        for number, (_, content) in enumerate(self.gates.items()):
            pins = content["connections"]
            outputs = [pin for pin, _ in self.pins(content, "output")]
            labels[f"g{number}"] = self.names[pins[outputs[0]][0]] if outputs and pins[outputs[0]] else "unconnected"
            body += [f"  wire {net(pins[pin][0])};\n" for pin in outputs if pins[pin]]
            body.append(f"  {content['type']} g{number} ({', '.join(f'.{pin}({net(bits[0])})' for pin, bits in pins.items() if bits)});\n")
        with open(path, "w") as file:
            file.write(f"module {name} ({', '.join(port for _, port in ports)});\n")
            file.writelines(f"  {direction} {port};\n" for direction, port in ports)
            file.writelines(body)
            file.write("endmodule\n")
        return labels

    def longest_path(self, base, name, liberty, period):
        """(ns, from, to) of the longest path between registers, ports and black boxes; (None, "", "") where nothing is timed."""
        labels = self.verilog(base.with_name(name + ".v"), name)
        special = {label: port for port, label in labels.items() if label in ("clk_i", "rst_ni")}
        script = base.with_name(name + ".tcl")
        clock = f"[get_ports {special['clk_i']}]" if "clk_i" in special else ""
        script.write_text(f"""read_liberty {liberty}
read_verilog {base.with_name(name + '.v')}
link_design {name}
create_clock -name clock -period {period} {clock}
set signals {{}}
foreach port [all_inputs] {{
  if {{[get_property $port full_name] ne "{special.get('clk_i', '')}"}} {{ lappend signals $port }}
}}
if {{[llength $signals]}} {{
  set_input_delay 0 -clock clock $signals
  set_driving_cell -lib_cell {DRIVER} $signals
}}
if {{[llength [all_outputs]]}} {{
  set_output_delay 0 -clock clock [all_outputs]
  set_load {LOAD_PF} [all_outputs]
}}
{f"set_false_path -from [get_ports {special['rst_ni']}]" if "rst_ni" in special else ""}
report_checks -path_delay max -format full
exit
""")
        done = subprocess.run(["sta", "-exit", script], capture_output=True, text=True)
        base.with_name(name + ".sta").write_text(done.stdout + done.stderr)
        if done.returncode or "Error" in done.stdout + done.stderr:
            raise RuntimeError(f"OpenSTA failed: see build/synth/{name}.sta")
        start, end, slack = (re.search(pattern, done.stdout) for pattern in
                             (r"Startpoint: (\S+)", r"Endpoint: (\S+)", r"(-?[\d.]+)\s+slack"))
        if not (start and end and slack):
            return None, "", ""
        # What is left of the period, so that a register's setup time counts.
        return round(period - float(slack.group(1)), 2), *(labels.get(point.group(1), point.group(1)) for point in (start, end))
