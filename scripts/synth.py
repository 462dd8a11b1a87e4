"""Synthesize the blocks of the node with Yosys and the osu018 library; report area and longest path. Started by scripts/synth.

Each block is mapped on its own, with the parameters it has in d1_node: blocks inside it, and the SRAM macro, are black boxes, so
the figures of a line are the block's own and a sum over instances counts everything once. The longest path runs between
registers, ports and black boxes, as OpenSTA finds it without wire load; reset is not timed. Results are kept in build/synth with
netlist and logs, and used again while sources and options are the same.

  scripts/synth                       every block
  scripts/synth d1_alu d1_niu         some blocks
  scripts/synth d1_matrix_element     one element of the matrix unit, as its netlist test has it (not part of the node's sum)
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/synth"
LIBERTY = pathlib.Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
CLOCK_NS = 10.0
TOP = "d1_node"
MACROS = ("d1_sram_array",)  # black boxes that nobody synthesizes
# Wrappers around functions that their units call many times; the units' netlist tests use them.
WRAPPERS = {"d1_matrix_element": ROOT / "tests/matrix/d1_matrix_element.sv"}
# Parameters that only number an instance: blocks that differ in nothing else are one line of the table.
NUMBERS = ("Thread",)
# Light, because the wide blocks have tens of thousands of gates: mapped for delay, then buffered to a fan-out of 16 and sized.
ABC = "+strash;dc2;&get,-n;&nf;&put;buffer,-p,-N,16;topo;upsize;dnsize"


class Design:
    """The sources of rtl/rtl.f, with the generated opcode package made fresh."""

    def __init__(self):
        generated = OUT / "generated"
        generated.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, ROOT / "sw/isa/generate.py", "--sv", generated / "d1_opcodes_pkg.sv"], check=True)
        self.packages, self.modules = [], {}
        for line in (ROOT / "rtl/rtl.f").read_text().splitlines():
            name = line.split("//")[0].split("#")[0].strip()
            if not name:
                continue
            path = generated / name if name == "d1_opcodes_pkg.sv" else ROOT / "rtl" / name
            if not path.exists():
                sys.exit(f"rtl/rtl.f names {name}, which does not exist")
            if re.search(r"^module\s", path.read_text(), re.M):
                self.modules[path.stem] = path
            else:
                self.packages.append(path)
        self.modules.update(WRAPPERS)

    def children(self, module):
        """Modules whose instances a source contains, by name alone: what Yosys must know as black boxes."""
        words = set(re.findall(r"\b(d1_\w+)\b(?!::)", self.modules[module].read_text()))
        return [name for name in self.modules if name in words and name != module]

    def read(self, block):
        """Yosys commands that leave the block elaborated, its children as black boxes."""
        packages = " ".join(str(path) for path in self.packages)
        text = f"read_verilog -sv -DSYNTHESIS -I{ROOT}/rtl/pkg {packages} {self.modules[block.module]}\n"
        boxes = " ".join(str(self.modules[name]) for name in self.children(block.module))
        if boxes:
            text += f"read_verilog -sv -lib -DSYNTHESIS -I{ROOT}/rtl/pkg {boxes}\n"
        parameters = "".join(f" -chparam {name} {value}" for name, value in block.parameters)
        return text + f"hierarchy -check -top {block.module}{parameters}\nrename -top {block.file}\n"

    def fingerprint(self, block, script):
        paths = self.packages + [self.modules[name] for name in [block.module] + self.children(block.module)]
        state = hashlib.sha256(script.encode())
        for path in paths + [ROOT / "rtl/pkg/d1_assert.svh", LIBERTY]:
            state.update(path.read_bytes())
        return state.hexdigest()


class Block:
    """A module with its parameters."""

    def __init__(self, module, parameters=()):
        self.module, self.parameters = module, tuple(parameters)
        self.name = module + "".join(f" {name}={value}" for name, value in self.parameters)
        self.file = self.name.replace(" ", "_").replace("=", "")


def run(script, log, timeout):
    """Yosys with its children; 'ok', 'timeout' or 'error'."""
    with open(log, "w") as output:
        process = subprocess.Popen(["yosys", "-q", "-s", script], stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            return "error" if process.wait(timeout) else "ok"
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # ABC too
            process.wait()
            return "timeout"


def integer(text):
    """A parameter as RTLIL writes it: a number or a bit string with its width."""
    bits = re.fullmatch(r"\d+'([01]+)", text)
    return int(bits.group(1), 2) if bits else int(text)


def instances(design, block):
    """[(child block, number of instances)] of a block, read from its elaboration."""
    base = OUT / f"{block.file}.elab"
    script = base.with_suffix(".elab.ys")
    script.write_text(design.read(block) + f"tee -q -o {base} dump t:d1_*\n")
    log = base.with_suffix(".elab.log")
    kept, state = base.with_suffix(".elab.json"), design.fingerprint(block, script.read_text())
    if kept.exists() and (old := json.loads(kept.read_text()))["state"] == state:
        return [(Block(module, map(tuple, parameters)), count) for module, parameters, count in old["instances"]]
    if run(script, log, 3600) != "ok":
        sys.exit(f"{block.name} does not elaborate: see {log.relative_to(ROOT)}")
    found = {}
    for module, body in re.findall(r"^\s*cell \\(\w+) .*\n((?:.*\n)*?)\s*end$", base.read_text(), re.M):
        pairs = re.findall(r"^\s*parameter (?:signed )?\\(\w+) (\S+)$", body, re.M)
        key = (module, tuple((name, integer(value)) for name, value in pairs if name not in NUMBERS))
        found[key] = found.get(key, 0) + 1
    kept.write_text(json.dumps({"state": state, "instances": [[*key, count] for key, count in found.items()]}))
    return [(Block(*key), count) for key, count in found.items()]


def node_blocks(design):
    """{name: (block, instances in the node)}, depth first, every block once."""
    counts, known = {}, {}

    def visit(block, times):
        if block.name not in known:
            known[block.name] = [] if block.module in MACROS else instances(design, block)
        counts.setdefault(block.name, [block, 0])[1] += times
        for child, count in known[block.name]:
            visit(child, times * count)

    visit(Block(TOP), 1)
    # Modules that the node does not contain, such as the router, count 0 in its sum; parents stand last in rtl/rtl.f.
    for module in reversed([name for name in design.modules if name not in WRAPPERS]):
        if module not in {block.module for block, _ in counts.values()}:
            visit(Block(module), 0)
    return counts


def bits(text):
    """Elements of a concatenation, or one element, of a netlist whose nets have one bit each."""
    found = []
    for item in re.findall(r"\d+'h[0-9a-fx]+|\\\S+ |[\w$]+", text):
        constant = re.fullmatch(r"(\d+)'h([0-9a-fx]+)", item)
        width, digits = (int(constant.group(1)), constant.group(2)) if constant else (1, "")
        number = int(digits.replace("x", "0"), 16) if constant else 0
        found += [f"1'b{number >> bit & 1}" for bit in reversed(range(width))] if constant else [item]
    return found


def timed_netlist(block):
    """The netlist in what OpenSTA reads: no parameters of black boxes, assignments bit by bit."""
    def split(match):
        left, right = bits(match.group(1)), bits(match.group(2))
        if len(left) != len(right):
            raise RuntimeError(f"{block.name}: cannot split {match.group(0).strip()[:80]}")
        return "".join(f"  assign {to} = {value};\n" for to, value in zip(left, right))

    text = (OUT / f"{block.file}.v").read_text()
    text = re.sub(r" #\(\n(?:\s+\..*\n)+\s*\)", "", text)
    path = OUT / f"{block.file}.sta.v"
    path.write_text(re.sub(r"^  assign (\{.*\}) = (.*);\n", split, text, flags=re.M))
    return path


def longest_path(block):
    """Longest register, port or black-box path in ns, with its end points; None where nothing is timed."""
    script = OUT / f"{block.file}.tcl"
    script.write_text(f"""read_liberty {LIBERTY}
read_verilog {timed_netlist(block)}
link_design {block.file}
create_clock -name clock -period {CLOCK_NS} [get_ports -quiet clk_i]
foreach port [all_inputs] {{
  if {{[get_property $port full_name] ne "clk_i"}} {{ set_input_delay 0 -clock clock $port }}
}}
set_output_delay 0 -clock clock [all_outputs]
if {{[llength [get_ports -quiet rst_ni]]}} {{ set_false_path -from [get_ports rst_ni] }}
report_checks -path_delay max -format full
exit
""")
    done = subprocess.run(["sta", "-exit", script], capture_output=True, text=True)
    (OUT / f"{block.file}.sta").write_text(done.stdout + done.stderr)
    if done.returncode or "Error" in done.stdout + done.stderr:
        raise RuntimeError(f"OpenSTA failed: see build/synth/{block.file}.sta")
    start, end, arrival = (re.search(pattern, done.stdout) for pattern in
                           (r"Startpoint: (\S+)", r"Endpoint: (\S+)", r"([\d.]+)\s+data arrival time"))
    if not (start and end and arrival):
        return None, "", ""
    names = register_names(block)
    return float(arrival.group(1)), *(names.get(point.group(1), point.group(1)) for point in (start, end))


def register_names(block):
    """Cell name -> name of the signal it drives: a path's ends are gates, whose names say nothing."""
    text = (OUT / f"{block.file}.v").read_text()
    return {cell: signal.strip().lstrip("\\") for cell, signal in
            re.findall(r"^  DFF\w+ (\S+) \((?:[^;]*?)\.Q\(([^()]*)\)[^;]*?\);", text, re.M)}


def check(design, block, timeout):
    """Elaborates a block down to registers and muxes and lets Yosys look for undriven and doubly driven wires, loops, latches."""
    start = time.time()
    script, log = OUT / f"{block.file}.check.ys", OUT / f"{block.file}.check.log"
    script.write_text(design.read(block) + "proc\ncheck -assert\nselect -assert-none t:$dlatch t:$adlatch t:$dlatchsr\n")
    status = run(script, log, timeout)
    return {"block": block.name, "status": status, "seconds": round(time.time() - start, 1), "log": str(log.relative_to(ROOT))}


def check_all(design, chosen, options):
    failed = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(lambda pair: check(design, pair[0], options.timeout), chosen):
            if result["status"] != "ok":
                failed.append(result["block"])
            print(f"{result['block']:30} {result['status']} {result['seconds']} s"
                  f"{'' if result['status'] == 'ok' else ': see ' + result['log']}", flush=True)
    print(f"{len(chosen) - len(failed)} of {len(chosen)} blocks pass")
    return 1 if failed else 0


def synthesize(design, block, timeout):
    start = time.time()
    script = f"""{design.read(block)}proc
check -assert
opt -fast
memory
opt -fast
alumacc
techmap
opt -fast
dfflibmap -liberty {LIBERTY}
abc -liberty {LIBERTY} -script {ABC}
opt_clean -purge
tee -q -o {OUT}/{block.file}.stat stat -top {block.file} -liberty {LIBERTY}
splitnets -ports
write_verilog -noattr -noexpr {OUT}/{block.file}.v
"""
    kept = OUT / f"{block.file}.json"
    state = design.fingerprint(block, script)
    if kept.exists():
        result = json.loads(kept.read_text())
        if result.pop("state") == state:
            return result
    (OUT / f"{block.file}.ys").write_text(script)
    log = OUT / f"{block.file}.log"
    status = run(OUT / f"{block.file}.ys", log, timeout)
    result = {"block": block.name, "status": status, "seconds": round(time.time() - start, 1)}
    if status != "ok":
        return {**result, "log": str(log.relative_to(ROOT))}
    stat = (OUT / f"{block.file}.stat").read_text()
    area = re.search(r"Chip area for .*?: ([\d.]+)", stat)
    path, begin, end = longest_path(block)
    gates = {name: int(count) for name, count in re.findall(r"^\s+([A-Z]\w+X\d|DFFSR|LATCH)\s+(\d+)$", stat, re.M)}
    result.update(area_um2=float(area.group(1)) if area else 0.0, cells=sum(gates.values()),
                  flops=sum(count for name, count in gates.items() if name.startswith("DFF")),
                  longest_path_ns=path, seconds=round(time.time() - start, 1))
    result["from"], result["to"] = begin, end
    kept.write_text(json.dumps({**result, "state": state}))
    return result


ROW = "{:30} {:>5} {:>9} {:>8} {:>12} {:>8}  {}"


def print_row(result):
    if result["status"] != "ok":
        text = "more than --timeout seconds" if result["status"] == "timeout" else f"failed: see {result['log']}"
        print(ROW.format(result["block"], result["instances"], "-", "-", "-", "-", text), flush=True)
        return
    path = result["longest_path_ns"]
    print(ROW.format(result["block"], result["instances"], result["cells"], result["flops"], f"{result['area_um2']:,.0f}",
                     "-" if path is None else f"{path:.2f}",
                     "" if path is None else f"{result['from']} -> {result['to']}"), flush=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/synth", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("blocks", nargs="*", help="modules to synthesize; default: all of the node")
    parser.add_argument("--except", dest="leave", nargs="+", default=[], metavar="BLOCK", help="modules to leave out")
    parser.add_argument("--list", action="store_true", help="print the blocks with their instances in the node and stop")
    parser.add_argument("--check", action="store_true", help="no mapping: elaborate, infer registers, look for wiring faults and latches")
    parser.add_argument("--json", action="store_true", help="print one JSON object on standard output instead of the table")
    parser.add_argument("--jobs", type=int, default=2, help="blocks at a time (default 2)")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds for one block (default 1800)")
    options = parser.parse_args()

    design = Design()
    for name in options.blocks + options.leave:
        if name not in design.modules:
            sys.exit(f"no module {name} in rtl/rtl.f; scripts/synth --list names the blocks")
    print("scripts/synth: elaborating the node", file=sys.stderr, flush=True)
    blocks = node_blocks(design)
    if options.list:
        for name, (_, count) in blocks.items():
            print(f"{count:5}  {name}")
        return 0
    chosen = [(block, count) for block, count in blocks.values() if block.module not in MACROS and
              block.module not in options.leave and (not options.blocks or block.module in options.blocks)]
    # What the node does not contain is not in its sum.
    inside = {block.module for block, _ in blocks.values()}
    chosen += [(Block(name), 0) for name in options.blocks if name not in inside]
    if options.check:
        return check_all(design, chosen, options)

    results = []
    if not options.json:
        print(ROW.format("block", "count", "cells", "flops", "area um2", "path ns", "longest path"))
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = [(pool.submit(synthesize, design, block, options.timeout), count) for block, count in chosen]
        for job, count in jobs:
            result = {**job.result(), "instances": count}
            results.append(result)
            if not options.json:
                print_row(result)
    good = [result for result in results if result["status"] == "ok"]
    failed = [result["block"] for result in results if result["status"] != "ok"]
    total = {key: sum(result[key] * result["instances"] for result in good) for key in ("area_um2", "cells", "flops")}
    missing = [name for name, (block, count) in blocks.items() if count and block.module not in MACROS and
               name not in [result["block"] for result in good]]
    if options.json:
        print(json.dumps({"library": "osu018", "black_boxes": list(MACROS), "failed": failed, "not_counted": missing,
                          "total": total, "results": results}))
    else:
        print(f"\nNode, each line times its count: {total['cells']:,} cells, {total['flops']:,} flops, "
              f"{total['area_um2'] / 1e6:.2f} mm2 of osu018; not counted: {', '.join(list(MACROS) + missing)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
