"""Calls tatami_between_parts() between the parts of a clock edge of a verilated model.

Usage: between_parts.py DIR PREFIX, with DIR what Verilator wrote for a model PREFIX. The function that runs a clock edge,
PREFIX___024root___eval_nba, calls some tens of others; the harness uses the gaps to bring the state of the node that it
evaluates next into the cache (sim/rtl/fetch_ahead.cpp), which at one go would make the processor wait. Where a version of
Verilator writes another form, nothing is changed and nothing is called.
"""
import pathlib
import re
import sys

HOOK = "tatami_between_parts();"


def hooked(source: str, prefix: str) -> str:
    """The source with the hook, or as it is if the function is not there or has the hook."""
    head = re.search(rf"^void {prefix}___024root___eval_nba\({prefix}___024root\* vlSelf\) {{$", source, re.MULTILINE)
    if not head or HOOK in source:
        return source
    end = source.index("\n}\n", head.end())
    part = rf"^( *)({prefix}___024root___nba_\w+\(vlSelf\);)$"
    body = re.sub(part, rf"\1\2\n\1{HOOK}", source[head.end() : end], flags=re.MULTILINE)
    return source[: head.start()] + f'extern "C" void {HOOK}\n\n' + source[head.start() : head.end()] + body + source[end:]


def main(directory: str, prefix: str) -> None:
    for path in sorted(pathlib.Path(directory).glob(f"{prefix}___024root__*.cpp")):
        source = path.read_text()
        changed = hooked(source, prefix)
        if changed != source:
            path.write_text(changed)


if __name__ == "__main__":
    main(*sys.argv[1:])
