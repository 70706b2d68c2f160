# SPDX-License-Identifier: LGPL-2.1-or-later
"""Which measurements make a quick and a full pass."""
import dataclasses

KIB, MIB = 1 << 10, 1 << 20
LOCAL, LAB = "local", "xen (emulated machine, no KVM)"
SCENARIOS = ["throughput", "both-ways", "round-trip", "paced", "set-up", "many", "idle", "memory"]

COPYING = ["xsock", "xsock-one-way", "xsock-sendv", "xsock-more", "vchan", "unix", "seqpacket", "pipe", "tcp", "ideal"]
MAIN = ["xsock", "vchan", "unix", "pipe", "tcp", "ideal"]
IN_PLACE = ["xsock", "xsock-in-place", "xsock-in-place-one-way", "vchan", "unix", "ideal"]
BOTH_WAYS = ["xsock", "vchan", "unix", "tcp", "ideal"]
SOCKETS = ["xsock", "vchan", "unix", "seqpacket", "pipe", "tcp"]
BETWEEN = ["xsock", "vchan", "tcp"]
PROBES = ["eventfd", "ideal", "cache-line"]

# Places in the lab: (receiver, sender), as its suites number them: dom0 is 0.
DOMAINS = {"guest-dom0": (0, 1), "guest-guest": (2, 1), "dom0-guest": (1, 0)}


@dataclasses.dataclass(frozen=True)
class Case:
    """One row of a table: the same for all its peers."""
    scenario: str
    peers: tuple
    size: int = 64
    ring: int = 128 * KIB
    place: str = "two"
    wait: str = "sleep"
    touch: str = "line"
    connections: int = 1
    seconds: float = 0  # 0: the pass's
    once: bool = False  # what does not vary is not repeated

    def arguments(self):
        return ["--scenario", self.scenario, "--size", str(self.size), "--ring", str(self.ring),
                "--wait", self.wait, "--touch", self.touch, "--connections", str(self.connections)]


@dataclasses.dataclass(frozen=True)
class Pass:
    name: str
    rounds: int
    seconds: float  # of a measurement
    budget: float   # seconds after which no new round's measurement begins
    cases: tuple
    platform: str = LOCAL


def _throughput(sizes, rings, peers, **more):
    # Of the largest messages, too, there must be several.
    return [Case("throughput", tuple(peers), size=size, ring=ring, seconds=1 if size >= 16 * MIB else 0, **more)
            for ring in rings for size in sizes]


def _both_ways(sizes, place="two"):
    return [Case("both-ways", tuple(BOTH_WAYS if place == "two" else BOTH_WAYS[:-1]), size=size, place=place)
            for size in sizes]


def _round_trips(place):
    return [Case("round-trip", tuple(SOCKETS + PROBES), wait=wait, place=place)
            for wait in ("sleep", "adaptive", "spin")]


def _others(connections):
    cases = [Case("paced", ("xsock", "vchan", "unix", "tcp"), wait=wait) for wait in ("sleep", "spin")]
    cases += [Case("set-up", ("xsock", "vchan", "unix", "seqpacket", "tcp"))]
    cases += [Case("many", ("xsock", "vchan", "unix", "tcp"), connections=count, ring=16 * KIB)
              for count in connections]
    cases += [Case("idle", ("xsock", "vchan", "unix", "tcp"), seconds=1, once=True)]
    cases += [Case("memory", ("xsock", "xsock-one-way", "xsock-growing", "vchan"), connections=64, ring=ring, once=True)
              for ring in (4 * KIB, 128 * KIB)]
    return cases


def _quick():
    return tuple(
        _round_trips("two") +
        _throughput([64, 512, 4 * KIB, 16 * KIB, 64 * KIB, MIB], [128 * KIB], COPYING) +
        _throughput([64, 4 * KIB, 64 * KIB, MIB], [MIB], ["xsock", "xsock-growing", "xsock-sendv", "vchan", "unix", "ideal"]) +
        _throughput([4 * KIB, 64 * KIB, MIB], [128 * KIB], IN_PLACE, touch="all") +
        _throughput([64, 16 * KIB, MIB], [128 * KIB], ["xsock", "vchan", "unix", "ideal"], place="one") +
        _both_ways([64, 4 * KIB, 64 * KIB]) +
        [Case("round-trip", ("xsock", "vchan", "unix", "eventfd"), place="one")] +
        _others([1, 1024]))


def _full():
    sizes = [64 * 4 ** step for step in range(11)] + [512]
    sizes.sort()
    rings = [64 * KIB, 128 * KIB, MIB, 8 * MIB]
    return tuple(
        _round_trips("two") + _round_trips("one") + _round_trips("free") +
        _throughput(sizes, rings[1:2], COPYING) +
        _throughput(sizes, rings[:1] + rings[2:], MAIN + ["xsock-growing"]) +
        _throughput(sizes[3:], [128 * KIB, 8 * MIB], IN_PLACE, touch="all") +
        _throughput(sizes[::2], [128 * KIB], MAIN, place="one") +
        _throughput(sizes[::2], [128 * KIB], MAIN, place="free") +
        _both_ways([64, 512, 4 * KIB, 16 * KIB, 64 * KIB]) +
        _both_ways([64, 4 * KIB, 64 * KIB], place="one") +
        _others([1, 16, 256, 1024]))


def _between(place, sizes, peers):
    """Two domains."""
    small, large = ([size for size in sizes if (size >= 16 * KIB) == wanted] for wanted in (False, True))
    return (_throughput(small, [128 * KIB], peers, place=place) +
            # Only there do larger buffers help it.
            _throughput(large, [128 * KIB], peers + ["tcp-auto"], place=place) +
            [Case("round-trip", tuple(BETWEEN), wait=wait, place=place) for wait in ("sleep", "adaptive", "spin")] +
            [Case("set-up", tuple(BETWEEN), place=place, seconds=1)])


def _lab_quick():
    return tuple(case for place in ("guest-dom0", "guest-guest")
                 for case in _between(place, [64, 512, 4 * KIB, 16 * KIB, 64 * KIB, MIB], BETWEEN))


def _lab_full():
    sizes = [64, 512, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB]
    cases = []
    for place in DOMAINS:
        cases += _between(place, sizes, BETWEEN + ["xsock-one-way", "xsock-sendv"])
        cases += _throughput(sizes[::2], [MIB], ["xsock", "vchan"], place=place)
        cases += [Case("both-ways", tuple(BETWEEN), size=size, place=place) for size in (64, 4 * KIB)]
    return tuple(cases)


QUICK = Pass("quick", 3, 0.1, 130, _quick())
FULL = Pass("full", 5, 0.2, 1650, _full())
LAB_QUICK = Pass("quick", 3, 0.3, 290, _lab_quick(), LAB)
LAB_FULL = Pass("full", 5, 0.5, 1600, _lab_full(), LAB)


def mode(in_lab, full):
    if in_lab:
        return LAB_FULL if full else LAB_QUICK
    return FULL if full else QUICK


def select(mode, known, scenarios, peers):
    """What is left of a pass for those that the program knows and the caller wants."""
    chosen = []
    for case in mode.cases:
        ours = tuple(peer for peer in case.peers if peer in known and (not peers or peer in peers))
        if ours and (not scenarios or case.scenario in scenarios):
            chosen.append(dataclasses.replace(case, peers=ours))
    return chosen
