#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Goals are judged by the worst measurement, against what it was measured beside."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench"))
sys.dont_write_bytecode = True

from driver import goals, results  # noqa: E402 # pylint: disable=wrong-import-position

KIB = 1 << 10


def taken(peer, scenario="throughput", number=0, **figures):
    """One measurement."""
    return {"scenario": scenario, "place": "two", "ring": 128 * KIB, "touch": "line", "wait": "sleep",
            "connections": 1, "size": 64, "round": number, "peer": peer, "kind": "real", "buffer": 128 * KIB,
            **figures}


def judged(measurements, what, goal):
    """(found, verdict, where) of the row that begins so."""
    run = results.Results({}, measurements, [])
    for one in goals.GOALS:
        if one.what.startswith(what) and one.goal.endswith(goal):
            found = one.judge(run)
            return (found.value, one.is_reached(found.value), found.where) if found else None
    raise AssertionError(f"no such goal: {what}, {goal}")


def test_the_worst_ring_counts():
    found, reached, where = judged(
        [taken("xsock", gb_per_s=4), taken("vchan", gb_per_s=1),
         taken("xsock", ring=KIB << 10, buffer=KIB << 10, gb_per_s=2),
         taken("vchan", ring=KIB << 10, buffer=KIB << 10, gb_per_s=1)], "64 B messages, each", "libxenvchan")
    assert (found, reached) == (2, False), found
    assert "1 MiB" in where and "vchan 1 GB/s" in where, where


def test_unequal_rings_are_not_compared():
    assert judged([taken("xsock", gb_per_s=4, ring=KIB << 13, buffer=KIB << 13),
                   taken("vchan", gb_per_s=9, ring=KIB << 13, buffer=KIB << 10)],
                  "any size", "libxenvchan") is None


def test_ratios_are_of_one_round():
    found, reached, _ = judged(
        [taken("xsock", number=number, gb_per_s=ours) for number, ours in enumerate((1, 10, 100))] +
        [taken("unix", number=number, gb_per_s=theirs) for number, theirs in enumerate((2, 1, 200))],
        "any size", "AF_UNIX")
    assert (found, reached) == (0.5, False), found


def test_the_nearer_of_two_ways():
    found, reached, where = judged(
        [taken("xsock", size=512, gb_per_s=3), taken("vchan", size=512, gb_per_s=1), taken("ideal", size=512, gb_per_s=9)],
        "512 B, 4 KiB", "ideal ring")
    assert (found, reached) == (1.5, True) and "vchan" in where, (found, where)


def test_one_core_counts_where_it_is_said():
    measurements = [taken("xsock", gb_per_s=2), taken("unix", gb_per_s=1),
                    taken("xsock", place="one", gb_per_s=1), taken("unix", place="one", gb_per_s=2)]
    assert judged(measurements, "any size", "AF_UNIX")[0] == 0.5
    assert judged(measurements, "64 B messages, each", "AF_UNIX")[0] == 2


def test_more_cpu_is_worse():
    found, reached, _ = judged(
        [taken("xsock", size=size, cpu_s_per_gb=used) for size, used in ((16 * KIB, 1), (64 * KIB, 3))] +
        [taken("unix", size=size, cpu_s_per_gb=4) for size in (16 * KIB, 64 * KIB)], "CPU seconds", "AF_UNIX")
    assert (found, reached) == (0.75, False), found


def test_memory_is_what_is_shared_both_ways():
    figures = {"scenario": "memory", "ring": 4 * KIB, "connections": 64}
    found, reached, where = judged(
        [taken("xsock", bytes_per_connection=16384, shared_bytes_per_connection=12288, **figures),
         taken("xsock-one-way", bytes_per_connection=9000, shared_bytes_per_connection=8192, **figures)],
        "idle connection", "small")
    assert (found, reached) == (3, True) and "4 with the private" in where, (found, where)


def test_nothing_measured_is_not_reached():
    assert all(goal.judge(results.Results({}, [], [])) is None for goal in goals.GOALS)


def main():
    tests = [(name[5:].replace("_", " "), test) for name, test in globals().items() if name.startswith("test_")]
    print(f"1..{len(tests)}")
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f"ok {number} - {name}")
        except AssertionError as error:
            print(f"not ok {number} - {name}: {error}")


if __name__ == "__main__":
    main()
