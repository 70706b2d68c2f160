# SPDX-License-Identifier: LGPL-2.1-or-later
"""The file of ceilings: what each path may cost."""
import counts

MARGIN = 3  # per cent more instructions; system calls and bytes copied are exact
HEAD = """\
# What one step of a path costs: the call, or the two calls, of a message. Written by "tests/cost/run --record".
# More than {margin} % more instructions, or any more system calls or bytes copied, fails the tests of suite "cost".
"""
NAMES = "instructions", "system calls", "bytes copied"


def read(path):
    """With what they were recorded, and the ceilings by path."""
    built, ceilings = "", {}
    for line in path.read_text().splitlines():
        if line.startswith("built by "):
            built = line.removeprefix("built by ")
        elif line and not line.startswith("#"):
            *name, instructions, calls, copied = line.split()
            ceilings[" ".join(name)] = counts.Cost(int(instructions), int(calls), int(copied))
    return built, ceilings


def write(path, built, ceilings):
    lines = [f"{HEAD.format(margin=MARGIN)}built by {built}", "",
             f"# {'path':<38} {NAMES[0]:>12} {NAMES[1]:>12} {NAMES[2]:>12}"]
    for name, cost in ceilings.items():
        lines.append(f"{name:<40} " + " ".join(f"{figure:>12}" for figure in cost.figures()))
    path.write_text("\n".join(lines) + "\n")


def fault(cost, ceiling):
    """What is more than it may be, "" if nothing is."""
    margins = MARGIN, 0, 0
    return ", ".join(f"{found} {name}, ceiling {most}" + (f" + {margin} %" if margin else "")
                     for found, most, name, margin in
                     zip(cost.figures(), ceiling.figures(), NAMES, margins)
                     if found * 100 > most * (100 + margin))


def is_low(cost, ceiling):
    """So much less that the ceiling guards little."""
    return (cost.instructions * 100 < ceiling.instructions * (100 - MARGIN)
            or cost.calls < ceiling.calls or cost.copied < ceiling.copied)
