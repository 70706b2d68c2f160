#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lab is asked to measure, and what is made of its answers."""
import json
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "bench"))

# pylint: disable=wrong-import-position
from driver import goals, lab, matrix, measure, results  # noqa: E402

CASE = matrix.Case("throughput", ("xsock", "vchan"), size=64, place="guest-guest")


def measured(peer, speed):
    return json.dumps({"peer": peer, "kind": "real", "scenario": "throughput", "size": 64, "ring": 131072,
                       "place": "apart", "wait": "sleep", "touch": "line", "connections": 1, "gb_per_s": speed, "buffer": 131072})


def plan():
    """A line a measurement, in turns, each between the right domains."""
    lines = lab.plan(list(measure.turns([CASE], 2)), 0.5, 60).splitlines()
    peers = [line.split()[line.split().index("--peer") + 1] for line in lines[1:]]
    return (lines[0] == "60" and peers == ["xsock", "vchan", "vchan", "xsock"] and
            [line.split()[:3] for line in lines[1:]] == [["0", "2", "1"]] * 2 + [["1", "2", "1"]] * 2)


def answers():
    """Results, refusals and failures find their measurement."""
    turns, taken, faults = list(measure.turns([CASE], 2)), [], []
    lines = ["ok 1 - other", "# measuring", f"# result 0 0 {measured('xsock', 3)}", "# result 1 77 {}",
             "# result 2 1 end: not done", f"# result 3 0 {measured('xsock', 5)}", "not ok 2 - bench: QEMU ended",
             "# result 3 0 {"]
    lab.follow([line + "\n" for line in lines], turns, measure.Progress(len(turns)), taken, faults)
    return ([(result["round"], result["place"], result["gb_per_s"]) for result in taken] ==
            [(0, "guest-guest", 3), (1, "guest-guest", 5)] and len(faults) == 3 and "vchan" in faults[0])


def verdicts():
    """The lab's goals, and not those of one machine, by the worst pair of domains."""
    taken = [{"round": 0, **json.loads(measured(peer, speed)), "place": place}
             for place, peer, speed in (("guest-dom0", "xsock", 30), ("guest-dom0", "vchan", 10),
                                        ("guest-guest", "xsock", 15), ("guest-guest", "vchan", 10))]
    text = goals.text(results.Results({"platform": matrix.LAB}, taken, []))
    rows = [line for line in text.splitlines() if "2 times libxenvchan" in line]
    return len(rows) == 1 and "| 1.5 " in rows[0] and "not reached" in rows[0]


def main():
    print("1..3")
    for number, test in enumerate((plan, answers, verdicts), 1):
        print(f"{'ok' if test() else 'not ok'} {number} - {test.__doc__}")


if __name__ == "__main__":
    main()
