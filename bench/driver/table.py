# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tables for people, as Markdown that also reads well on a terminal."""

# Of a scenario: the figure, its unit, whether more is better, and what else is shown.
FIGURES = {
    "throughput": ("gb_per_s", "GB/s", True,
                   [("cpu_s_per_gb", "CPU-s/GB"), ("sender_sleeps_per_s", "sleeps/s out"),
                    ("receiver_sleeps_per_s", "in"), ("sender_notifications_per_s", "wake-ups/s sent out"),
                    ("receiver_notifications_per_s", "in"), ("preemptions_per_s", "preempted/s")]),
    "both-ways": ("gb_per_s", "GB/s, both ways together", True,
                  [("cpu_s_per_gb", "CPU-s/GB"), ("sleeps_per_s", "sleeps/s"), ("preemptions_per_s", "preempted/s")]),
    "round-trip": ("p50_us", "us p50", False,
                   [("p99_us", "p99"), ("p999_us", "p99.9"), ("cpu_us_per_trip", "CPU us"),
                    ("asker_sleeps_per_trip", "sleeps/trip"), ("preemptions_per_s", "preempted/s")]),
    "paced": ("late_p50_us", "us late p50", False, [("late_p99_us", "p99"), ("late_p999_us", "p99.9")]),
    "set-up": ("connect_p50_us", "us p50", False, [("connect_p99_us", "p99"), ("answered_p50_us", "answered p50")]),
    "many": ("ns_per_message", "ns/message", False, [("receiver_cpu_ns_per_message", "receiver's CPU ns")]),
    "idle": ("wake_ups_per_s", "wake-ups/s", False, [("cpu_per_s", "CPU-s/s")]),
    "memory": ("bytes_per_connection", "bytes", False, [("shared_bytes_per_connection", "shared")]),
}
PLACES = {"two": "two processors", "one": "one processor", "free": "placed by the kernel",
          "guest-dom0": "a guest to dom0", "dom0-guest": "dom0 to a guest", "guest-guest": "a guest to another"}
# One table each, for all sizes.
TITLE = ("scenario", "place", "ring", "touch", "wait")


def number(value):
    if value is None:
        return "-"
    if value == 0:
        return "0"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def size(count):
    for unit, name in ((1 << 20, "MiB"), (1 << 10, "KiB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit:.0f} {name}"
    return f"{count:.0f} B"


def aligned(rows):
    """Rows of texts, the first the heading."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["| " + " | ".join(text.ljust(width) for text, width in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("-" * max(width, 3) for width in widths) + " |")
    return "\n".join(lines)


def title(case):
    parts = [case["scenario"], PLACES[case["place"]]]
    if case["scenario"] in ("round-trip", "paced"):
        parts.append({"sleep": "sleeping", "adaptive": "adaptive", "spin": "spinning"}[case["wait"]])
    if case["scenario"] in ("throughput", "both-ways", "memory", "many"):
        parts.append(f"{size(case['ring'])} each way")
    if case["scenario"] in ("throughput", "both-ways"):
        parts.append("all bytes touched" if case["touch"] == "all" else "a byte of each line touched")
    return ", ".join(parts)


def ahead(results, case, peer, name, more_is_better):
    """How many times better xsock is."""
    if peer == "xsock":
        return "1"
    ratio = results.ratio(case, "xsock", peer, name)
    if not ratio:
        return "-"
    return number(ratio if more_is_better else 1 / ratio)


def subject(case):
    if case["scenario"] == "idle":
        return "none"
    return size(case["size"]) if case["connections"] == 1 else f"{case['connections']} connections"


def row(results, case, peer, kind):
    name, _, more_is_better, others = FIGURES[case["scenario"]]
    spread = results.spread(case, peer, name) or (None, None, None)
    return [subject(case), peer + (" (emulated)" if kind == "emulated" else ""), *(number(value) for value in spread),
            ahead(results, case, peer, name, more_is_better),
            *(number(results.median(case, peer, other)) for other, _ in others)]


def about(results):
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in results.about.items())


def tables(results):
    """[(cases, Markdown)]: one for all sizes of what is otherwise the same."""
    kinds = {result["peer"]: result["kind"] for result in results.taken}
    groups = {}
    for case in results.cases():
        groups.setdefault(tuple(case[name] for name in TITLE), []).append(case)
    made = []
    for cases in groups.values():
        _, unit, _, others = FIGURES[cases[0]["scenario"]]
        rows = [["message", "peer", "min", f"median {unit}", "max", "xsock ahead", *(label for _, label in others)]]
        for case in cases:
            rows += [row(results, case, peer, kinds[peer]) for peer in sorted_peers(results.peers(case))]
        made.append((cases, f"### {title(cases[0])}\n\n{aligned(rows)}"))
    return made


def text(results):
    return "\n\n".join([about(results), *(markdown for _, markdown in tables(results))])


def sorted_peers(peers):
    order = ["xsock", "xsock-one-way", "xsock-growing", "xsock-sendv", "xsock-more", "xsock-in-place", "xsock-in-place-one-way", "vchan",
             "unix", "seqpacket", "pipe", "tcp", "tcp-auto", "ideal", "eventfd", "cache-line"]
    return sorted(peers, key=lambda peer: order.index(peer) if peer in order else len(order))
