# SPDX-License-Identifier: LGPL-2.1-or-later
"""The project's goals on the local platform, and what a run says of each."""
from . import table

KIB, MIB = 1 << 10, 1 << 20
BASE = {"ring": 128 * KIB, "place": "two", "wait": "sleep", "touch": "line", "connections": 1}


def _case(scenario, **parts):
    return {"scenario": scenario, **{name: parts.get(name, BASE[name])
                                     for name in ("place", "ring", "touch", "wait", "connections")},
            "size": parts.get("size", 64)}


def _worst(values):
    """The smallest, None if there is none."""
    known = [value for value in values if value is not None]
    return min(known) if known else None


def _ratio(results, case, peer, other, name="gb_per_s"):
    return results.ratio(case, peer, other, name)


def _times(results, peer, other, wanted, case):
    value = _ratio(results, case, peer, other)
    return value, wanted, True


def _small(results):
    """Twice libxenvchan or nine tenths of the limit, whichever is nearer, in the worse of two sizes."""
    found = []
    for size in (512, 4 * KIB):
        case = _case("throughput", size=size)
        ways = [(_ratio(results, case, "xsock", "vchan"), 2), (_ratio(results, case, "xsock", "ideal"), 0.9)]
        found.append(max((value / wanted for value, wanted in ways if value is not None), default=None))
    return _worst(found), 1, True


def _large(results, other, wanted):
    """The worst of all rings and sizes from 16 KiB to 1 MiB."""
    cases = [case for case in results.cases(scenario="throughput", touch="line", place="two")
             if 16 * KIB <= case["size"] <= MIB]
    return _worst(_ratio(results, case, "xsock", other) for case in cases), wanted, True


def _never_below(results, other):
    cases = results.cases(scenario="throughput", touch="line")
    return _worst(_ratio(results, case, "xsock", other) for case in cases), 1, True


def _adaptive(results):
    return results.median(_case("round-trip", wait="adaptive"), "xsock", "p50_us"), 0.7, False


def _sleeping(results):
    return _ratio(results, _case("round-trip"), "xsock", "eventfd", "p50_us"), 1.05, False


def _cpu(results):
    cases = [case for case in results.cases(scenario="throughput", touch="line", place="two")
             if case["size"] >= 16 * KIB]
    ratios = [_ratio(results, case, "xsock", "unix", "cpu_s_per_gb") for case in cases]
    known = [ratio for ratio in ratios if ratio is not None]
    return (max(known) if known else None), 0.5, False


def _idle(results):
    return results.median(_case("idle"), "xsock", "wake_ups_per_s"), 0, False


def _memory(results):
    """Asked to be small, in pages: one way, a ring of one page."""
    bytes_used = results.median(_case("memory", ring=4 * KIB, connections=64), "xsock-one-way", "bytes_per_connection")
    return (bytes_used / 4096 if bytes_used is not None else None), 3, False


def _set_up(results):
    return results.median(_case("set-up"), "xsock", "connect_p50_us"), 50, False


def _many(results):
    cases = results.cases(scenario="many")
    one = [case for case in cases if case["connections"] == 1]
    if not one or len(cases) < 2:
        return None, 1.3, False
    most = max(cases, key=lambda case: case["connections"])
    alone, crowd = (results.median(case, "xsock", "ns_per_message") for case in (one[0], most))
    return (crowd / alone if alone and crowd else None), 1.3, False


# A sentence, and what gives (figure, goal, whether more is better).
GOALS = [
    ("64 B, each send able to wake: times libxenvchan",
     lambda results: _times(results, "xsock", "vchan", 3, _case("throughput"))),
    ("64 B, each send able to wake: times AF_UNIX",
     lambda results: _times(results, "xsock", "unix", 12, _case("throughput"))),
    ("64 B, batched (vectored): times libxenvchan",
     lambda results: _times(results, "xsock-sendv", "vchan", 20, _case("throughput"))),
    ("64 B, batched (MSG_MORE): times libxenvchan",
     lambda results: _times(results, "xsock-more", "vchan", 20, _case("throughput"))),
    ("512 B, 4 KiB: of 2 times libxenvchan, or of 90 % of the ideal ring", _small),
    ("16 KiB to 1 MiB, every ring: of the ideal ring", lambda results: _large(results, "ideal", 0.95)),
    ("every size, ring and place: times libxenvchan", lambda results: _never_below(results, "vchan")),
    ("every size, ring and place: times AF_UNIX", lambda results: _never_below(results, "unix")),
    ("round trip, 64 B, adaptive: us", _adaptive),
    ("round trip, 64 B, both asleep: times raw eventfd", _sleeping),
    ("CPU-s for each GB from 16 KiB on: of AF_UNIX's", _cpu),
    ("idle: wake-ups a second", _idle),
    ("memory of a connection asked to be small: pages", _memory),
    ("set-up: us", _set_up),
    ("most connections: cost of a message, times one connection's", _many),
]


def verdict(value, wanted, more_is_better):
    if value is None:
        return "not measured"
    return "reached" if (value >= wanted if more_is_better else value <= wanted) else "not reached"


def text(results):
    rows = [["goal", "wanted", "found", ""]]
    for sentence, judge in GOALS:
        value, wanted, more_is_better = judge(results)
        rows.append([sentence, f"{'>=' if more_is_better else '<='} {table.number(wanted)}", table.number(value),
                     verdict(value, wanted, more_is_better)])
    return f"\n### goals\n\n{table.aligned(rows)}"
