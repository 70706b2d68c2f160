# SPDX-License-Identifier: LGPL-2.1-or-later
"""The project's goals, on the local platform and in the lab, and what a run says of each: the worst measurement, and
what it was compared with."""
import dataclasses
import statistics
import typing

from . import table

KIB, MIB = 1 << 10, 1 << 20
CORES = {**table.PLACES, "two": "two cores", "one": "one core"}


@dataclasses.dataclass
class Found:
    """What is judged, and the measurement that it comes from."""
    value: float
    where: str


@dataclasses.dataclass
class Goal:
    """One row; `judge` gives what was Found, None if it was not measured."""
    what: str
    goal: str
    wanted: float
    more_is_better: bool
    judge: typing.Callable

    def is_reached(self, value):
        return value >= self.wanted if self.more_is_better else value <= self.wanted


def _worst(found, more_is_better):
    found = [one for one in found if one is not None]
    pick = min if more_is_better else max
    return pick(found, key=lambda one: one.value) if found else None


def _figure(results, case, peer, name, unit):
    return f"{peer} {table.number(results.median(case, peer, name))} {unit}"


def _place(case):
    if case["scenario"] == "idle":
        return f"nothing sent, {CORES[case['place']]}"
    if case["scenario"] != "throughput":
        return f"{table.subject(case)}, {CORES[case['place']]}"
    return f"{table.size(case['size'])}, rings of {table.size(case['ring'])}, {CORES[case['place']]}"


# ------------------------------------------------------------------ against a peer

def _streams(results, sizes, places=("two",)):
    return [case for case in results.cases(scenario="throughput", touch="line")
            if case["place"] in places and sizes(case["size"])]


def _is_equal(results, case, peer, other):
    """libxenvchan's rings end at 1 MiB; the kernel counts its buffers otherwise, and cannot be equal."""
    return other != "vchan" or (results.median(case, peer, "buffer") == results.median(case, other, "buffer"))


def _ratio(results, case, peer, other, name="gb_per_s", unit="GB/s"):
    ratios = results.ratios(case, peer, other, name)
    if not ratios or not _is_equal(results, case, peer, other):
        return None
    low, value, high = ratios
    return Found(value, f"{_place(case)}: {_figure(results, case, peer, name, unit)}, "
                        f"{_figure(results, case, other, name, unit)}; "
                        f"{table.number(low)} to {table.number(high)} by round")


def _times(peer, other, sizes, places=("two",)):
    """The lowest share of another's speed."""
    return lambda results: _worst([_ratio(results, case, peer, other)
                                   for case in _streams(results, sizes, places)], True)


def _is_64(size):
    return size == 64


def _is_small(size):
    return size in (512, 4 * KIB)


def _is_large(size):
    return 16 * KIB <= size <= MIB


def _is_any(size):
    return size > 0


def _nearer(results, case):
    """Whichever of two goals is nearer, as its share."""
    ways = [(_ratio(results, case, "xsock", "vchan"), 2), (_ratio(results, case, "xsock", "ideal"), 0.9)]
    ways = [Found(found.value / wanted, f"{found.where} ({table.number(found.value)} of {wanted})")
            for found, wanted in ways if found]
    return max(ways, key=lambda found: found.value) if ways else None


def _small(results):
    return _worst([_nearer(results, case) for case in _streams(results, _is_small)], True)


def _cpu(results):
    return _worst([_ratio(results, case, "xsock", "unix", "cpu_s_per_gb", "CPU-s/GB")
                   for case in _streams(results, lambda size: size >= 16 * KIB)], False)


def _sleeping(results):
    return _worst([_ratio(results, case, "xsock", "eventfd", "p50_us", "us")
                   for case in results.cases(scenario="round-trip", place="two", wait="sleep")], False)


# ------------------------------------------------------------------ by itself

def _alone(results, case, name, unit, scale=1.0):
    value = results.median(case, "xsock", name)
    if value is None:
        return None
    low, _, high = results.spread(case, "xsock", name)
    return Found(value / scale, f"{_place(case)}: xsock {table.number(value)} {unit}, "
                                f"{table.number(low)} to {table.number(high)}")


def _adaptive(results):
    return _worst([_alone(results, case, "p50_us", "us p50")
                   for case in results.cases(scenario="round-trip", place="two", wait="adaptive")], False)


def _idle(results):
    return _worst([_alone(results, case, "wake_ups_per_s", "wake-ups/s")
                   for case in results.cases(scenario="idle")], False)


def _set_up(results):
    return _worst([_alone(results, case, "connect_p50_us", "us p50")
                   for case in results.cases(scenario="set-up")], False)


def _memory(results):
    """The pages that both share, both ways; what the processes keep for themselves is told."""
    cases = results.cases(scenario="memory", ring=4 * KIB)
    found = _alone(results, cases[0], "shared_bytes_per_connection", "bytes shared", 4096) if cases else None
    if found:
        total = results.median(cases[0], "xsock", "bytes_per_connection")
        found.where = (f"both ways, rings of one page: {table.number(found.value)} pages shared; "
                       f"{table.number(total / 4096)} with the private memory of both processes")
    return found


def _many(results):
    cases = results.cases(scenario="many")
    one = [case for case in cases if case["connections"] == 1]
    if not one or len(cases) < 2:
        return None
    most = max(cases, key=lambda case: case["connections"])
    alone, crowd = (results.median(case, "xsock", "ns_per_message") for case in (one[0], most))
    if not alone or not crowd:
        return None
    return Found(crowd / alone, f"{most['connections']} connections: {table.number(crowd)} ns a message, "
                                f"one connection: {table.number(alone)} ns")


# ------------------------------------------------------------------ between domains

def _between_domains(others):
    """The lowest share of the speed of any of them, of all pairs of domains, rings and sizes."""
    return lambda results: _worst([_ratio(results, case, "xsock", other) for other in others
                                   for case in results.cases(scenario="throughput")], True)


def _trip_of(results, place):
    """How many times better ours is, as it is, than theirs as it is, which is a call that sleeps."""
    ours, theirs = (next(iter(results.cases(scenario="round-trip", place=place, wait=wait)), None)
                    for wait in ("adaptive", "sleep"))
    if not ours or not theirs:
        return None
    own, other = results.values(ours, "xsock", "p50_us"), results.values(theirs, "vchan", "p50_us")
    ratios = [other[number] / own[number] for number in own if number in other]
    if not ratios:
        return None
    return Found(statistics.median(ratios),
                 f"{_place(ours)}: {_figure(results, ours, 'xsock', 'p50_us', 'us')}, "
                 f"{_figure(results, theirs, 'vchan', 'p50_us', 'us')}; "
                 f"{table.number(min(ratios))} to {table.number(max(ratios))} by round")


def _trips_between_domains(results):
    return _worst([_trip_of(results, place) for place in results.places()], True)


# ------------------------------------------------------------------ all

_ABLE = "64 B messages, each send able to wake the reader"
_ANY = "any size, on one core or two"

GOALS = [
    Goal(_ABLE, "at least 3 times libxenvchan", 3, True, _times("xsock", "vchan", _is_64)),
    Goal(_ABLE, "at least 12 times AF_UNIX", 12, True, _times("xsock", "unix", _is_64)),
    Goal("64 B messages, batched (vectored send)", "at least 20 times libxenvchan", 20, True,
         _times("xsock-sendv", "vchan", _is_64)),
    Goal("64 B messages, batched (MSG_MORE)", "at least 20 times libxenvchan", 20, True,
         _times("xsock-more", "vchan", _is_64)),
    Goal("512 B, 4 KiB", "at least 2 times libxenvchan at the same ring size, or 90 % of the ideal ring", 1, True,
         _small),
    Goal("16 KiB to 1 MiB", "95 % of the ideal ring of that size", 0.95, True, _times("xsock", "ideal", _is_large)),
    Goal(_ANY, "never below libxenvchan", 1, True, _times("xsock", "vchan", _is_any, ("one", "two"))),
    Goal(_ANY, "never below AF_UNIX", 1, True, _times("xsock", "unix", _is_any, ("one", "two"))),
    Goal("round trip, 64 B, adaptive spin allowed", "under 0.7 us", 0.7, False, _adaptive),
    Goal("round trip, 64 B, with sleep on both sides", "no more than 1.05 times raw eventfd", 1.05, False, _sleeping),
    Goal("CPU seconds for each GB at 16 KiB and above", "half of AF_UNIX", 0.5, False, _cpu),
    Goal("idle connection", "no wake-up at all", 0, False, _idle),
    Goal("idle connection", "memory at most 3 pages when asked to be small", 3, False, _memory),
    Goal("connection set-up, local", "under 50 us", 50, False, _set_up),
    Goal("1024 connections in one thread", "cost of a message at most 1.3 times that with one", 1.3, False, _many),
]

_PAIRS = "throughput, every size, ring and pair of domains"

LAB_GOALS = [
    Goal("round trip, 64 B, adaptive spin, every pair of domains", "at least 10 times better than libxenvchan", 10,
         True, _trips_between_domains),
    Goal(_PAIRS, "at least 2 times libxenvchan", 2, True, _between_domains(["vchan"])),
    Goal(_PAIRS, "at least 5 times TCP over the vif", 5, True, _between_domains(["tcp", "tcp-auto"])),
]


def _row(goal, found):
    if not found:
        return [goal.what, goal.goal, "-", "not measured", "-"]
    verdict = "reached" if goal.is_reached(found.value) else "not reached"
    return [goal.what, goal.goal, table.number(found.value), verdict, found.where]


def text(results):
    rows = [["what", "goal", "found", "", "the worst measurement, and what it was compared with"]]
    rows += [_row(goal, goal.judge(results)) for goal in (LAB_GOALS if results.in_lab else GOALS)]
    return f"\n### goals\n\n{table.aligned(rows)}"
