"""Synthesize the blocks of the node with Yosys and the osu018 library; report area and longest path. Started by scripts/synth.

Each block is mapped on its own, with the parameters it has in d1_node: blocks inside it are black boxes, so the figures of a line
are the block's own and a sum over instances counts everything once. The SRAM array and the register files are macros: they have
bits instead of gates. Nets with more than 16 loads get a tree of buffers. The longest path runs between registers, ports and black
boxes or macros, as OpenSTA finds it without wire load; reset is not timed. Results are kept in build/synth with netlist and logs,
and used again while sources and options are the same.

  scripts/synth                       every block
  scripts/synth d1_alu d1_niu         some blocks
"""
import argparse
import concurrent.futures
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import synth_netlist

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/synth"
LIBERTY = pathlib.Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")
CLOCK_NS = 10.0
TOP = "d1_node"
MACROS = ("d1_sram_array",)  # black boxes that nobody synthesizes
# Memories that a chip has as macros (register files of several ports), not as flip-flops: their bits are counted by themselves.
MEMORIES = {"d1_vrf": "mem", "d1_matrix_tiles": "tile_q", "d1_router_buffer": "mem", "d1_router": "entries",
            "d1_live_count": "sums"}
# Parameters that only number an instance: blocks that differ in nothing else are one line of the table.
NUMBERS = ("Thread", "Bank")
# Light, because the wide blocks have tens of thousands of gates: mapped for delay, then buffered and sized.
ABC = f"+strash;dc2;&get,-n;&nf;&put;buffer,-N,{synth_netlist.FANOUT};topo;upsize;dnsize"


class Design:
    """The sources of rtl/rtl.f, with the generated opcode package made fresh."""

    def __init__(self):
        generated = OUT / "generated"
        generated.mkdir(parents=True, exist_ok=True)
        fresh = generated / f"d1_opcodes_pkg.{os.getpid()}"  # put in place whole, as another call may be reading
        subprocess.run([sys.executable, ROOT / "sw/isa/generate.py", "--sv", fresh], check=True)
        os.replace(fresh, generated / "d1_opcodes_pkg.sv")
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
        self.complete()

    def complete(self):
        """Every source under rtl/ is listed, and every module is the one its file is named after: nothing escapes the table."""
        listed = set(self.packages) | set(self.modules.values())
        for path in sorted((ROOT / "rtl").rglob("*.sv")):
            if path not in listed:
                sys.exit(f"{path.relative_to(ROOT)} is not in rtl/rtl.f, so nobody synthesizes it")
        for name, path in self.modules.items():
            if (found := re.findall(r"^module\s+(\w+)", path.read_text(), re.M)) != [name]:
                sys.exit(f"{path.relative_to(ROOT)} declares {', '.join(found)}; it must declare {name} and nothing else")

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

    def packages_of(self, paths):
        """The packages that sources name, and those that these name."""
        known, words = {path.stem: path for path in self.packages}, set()
        for path in paths:
            words |= set(re.findall(r"\b(d1_\w+_pkg|d1_pkg)\b", path.read_text()))
        found = [path for name, path in known.items() if name in words and path not in paths]
        return paths if not found else self.packages_of(paths + found)

    def fingerprint(self, block, script):
        """Of everything that a block's figures depend on: its source, the ports of its children, packages, tools' inputs, script."""
        paths = self.packages_of([self.modules[name] for name in [block.module] + self.children(block.module)])
        state = hashlib.sha256(script.replace(" ".join(map(str, self.packages)), "").encode())
        for path in paths + [ROOT / "rtl/pkg/d1_assert.svh", LIBERTY, pathlib.Path(synth_netlist.__file__)]:
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
    for module in reversed(design.modules):
        if module not in {block.module for block, _ in counts.values()}:
            visit(Block(module), 0)
    return counts


@functools.cache
def areas():
    return synth_netlist.liberty_areas(LIBERTY)


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


def mapping(design, block):
    """The Yosys script that maps a block to gates."""
    small = f"* c:{MEMORIES[block.module]} %d" if block.module in MEMORIES else ""
    return f"""{design.read(block)}proc
check -assert
opt -fast
memory -nomap -nordff
opt -fast
memory_map {small}
opt -fast
alumacc
techmap
opt -fast
dfflibmap -liberty {LIBERTY}
abc -liberty {LIBERTY} -script {ABC}
opt_clean -purge
read_liberty -lib {LIBERTY}
check -assert
select -assert-none t:LATCH
write_json {OUT}/{block.file}.json
"""


def synthesize(design, block, timeout):
    """The figures of a block, kept ones if nothing changed."""
    start = time.time()
    script = mapping(design, block)
    kept = OUT / f"{block.file}.result"
    state = design.fingerprint(block, script)
    if kept.exists():
        result = json.loads(kept.read_text())
        if result.pop("state") == state:
            return result
    (OUT / f"{block.file}.ys").write_text(script)
    log = OUT / f"{block.file}.log"
    status = run(OUT / f"{block.file}.ys", log, timeout)
    result = {"block": block.name, "status": status}
    if status != "ok":
        return {**result, "seconds": round(time.time() - start, 1), "log": str(log.relative_to(ROOT))}
    try:
        netlist = synth_netlist.Netlist(OUT / f"{block.file}.json", block.file, areas())
        path, begin, end = netlist.longest_path(OUT / block.file, block.file, LIBERTY, CLOCK_NS)
    except RuntimeError as error:
        log.write_text(f"{log.read_text()}{error}\n")
        return {**result, "status": "error", "seconds": round(time.time() - start, 1), "log": str(log.relative_to(ROOT))}
    result.update(netlist.statistics(), longest_path_ns=path, **{"from": begin, "to": end}, seconds=round(time.time() - start, 1))
    kept.write_text(json.dumps({**result, "state": state}))
    return result


ROW = "{:30} {:>5} {:>9} {:>8} {:>9} {:>12} {:>8}  {}"
MARKDOWN = "| `{}` | {} | {} | {} | {} | {} | {} | {} |"


def print_row(result, markdown):
    if result["status"] != "ok":
        text = "more than --timeout seconds" if result["status"] == "timeout" else f"failed: see {result['log']}"
        print(ROW.format(result["block"], result["instances"], "-", "-", "-", "-", "-", text), flush=True)
        return
    path = result["longest_path_ns"]
    quote = "`{}` to `{}`" if markdown else "{} -> {}"
    print((MARKDOWN if markdown else ROW).format(
        result["block"], result["instances"], f"{result['cells']:,}", f"{result['flops']:,}", f"{result['macro_bits']:,}",
        f"{result['area_um2'] / 1000:,.1f}" if markdown else f"{result['area_um2']:,.0f}", "-" if path is None else f"{path:.1f}",
        "" if path is None else quote.format(result["from"], result["to"])), flush=True)


def map_all(design, chosen, options):
    """The results in the order of the blocks; progress on standard error."""
    results = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = {pool.submit(synthesize, design, block, options.timeout): (block, count) for block, count in chosen}
        for job in concurrent.futures.as_completed(jobs):
            block, count = jobs[job]
            results[block.name] = {**job.result(), "instances": count}
            print(f"[{len(results)}/{len(chosen)}] {block.name}: {results[block.name]['status']}, "
                  f"{results[block.name]['seconds']} s", file=sys.stderr, flush=True)
    return [results[block.name] for block, _ in chosen]


def main():
    parser = argparse.ArgumentParser(prog="scripts/synth", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("blocks", nargs="*", help="modules to synthesize; default: all of the node")
    parser.add_argument("--except", dest="leave", nargs="+", default=[], metavar="BLOCK", help="modules to leave out")
    parser.add_argument("--list", action="store_true", help="print the blocks with their instances in the node and stop")
    parser.add_argument("--check", action="store_true", help="no mapping: elaborate, infer registers, look for wiring faults and latches")
    parser.add_argument("--json", action="store_true", help="print one JSON object on standard output instead of the table")
    parser.add_argument("--markdown", action="store_true", help="print the table of docs/architecture.md")
    parser.add_argument("--jobs", type=int, default=2, help="blocks at a time (default 2)")
    parser.add_argument("--timeout", type=int, default=1200, help="seconds for one block (default 1200)")
    options = parser.parse_args()

    design = Design()
    for name in options.blocks + options.leave:
        if name not in design.modules:
            sys.exit(f"no module {name} in rtl/rtl.f; scripts/synth --list names the blocks")
    print("scripts/synth: elaborating the node", file=sys.stderr, flush=True)
    with open(OUT / "lock", "w") as lock:  # two calls may share the work, but both elaborate
        fcntl.flock(lock, fcntl.LOCK_EX)
        blocks = node_blocks(design)
    if options.list:
        for name, (_, count) in blocks.items():
            print(f"{count:5}  {name}")
        return 0
    chosen = [(block, count) for block, count in blocks.values() if block.module not in MACROS and
              block.module not in options.leave and (not options.blocks or block.module in options.blocks)]
    if options.check:
        return check_all(design, chosen, options)

    results = map_all(design, chosen, options)
    if not options.json:
        if options.markdown:
            print("| block | count | cells | flops | macro bits | area, 1000 um2 | path, ns | from, to |\n|---|---|---|---|---|---|---|---|")
        else:
            print(ROW.format("block", "count", "cells", "flops", "bits", "area um2", "path ns", "longest path"))
        for result in results:
            print_row(result, options.markdown)
    good = [result for result in results if result["status"] == "ok"]
    failed = [result["block"] for result in results if result["status"] != "ok"]
    total = {key: sum(result[key] * result["instances"] for result in good) for key in ("area_um2", "cells", "flops", "macro_bits")}
    missing = [name for name, (block, count) in blocks.items() if count and block.module not in MACROS and
               name not in [result["block"] for result in good]]
    if options.json:
        print(json.dumps({"library": "osu018", "black_boxes": list(MACROS), "failed": failed, "not_counted": missing,
                          "total": total, "results": results}))
    else:
        print(f"\nNode, each line times its count: {total['cells']:,} cells, {total['flops']:,} flops, "
              f"{total['area_um2'] / 1e6:.2f} mm2 of osu018, {total['macro_bits']:,} bits in macros; "
              f"not counted: {', '.join(list(MACROS) + missing)}\n"
              f"Mapped in {sum(result['seconds'] for result in results) / 60:.1f} minutes of one processor and its ABC")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
