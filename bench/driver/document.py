# SPDX-License-Identifier: LGPL-2.1-or-later
"""Puts a run into docs/performance.md, between two marks, and its plots into docs/figures."""
from . import goals, plots, table

BEGIN, END = "<!-- a run: begin -->", "<!-- a run: end -->"
# What is shown besides the plots: the rest is in the run's JSON.
SHOWN = [{"scenario": "throughput", "place": "two", "ring": 128 << 10, "touch": "line"},
         {"scenario": "throughput", "place": "two", "ring": 1 << 20, "touch": "line"},
         {"scenario": "throughput", "place": "two", "ring": 128 << 10, "touch": "all"},
         {"scenario": "throughput", "place": "one"}, {"scenario": "both-ways"}, {"scenario": "round-trip"}, {"scenario": "paced"},
         {"scenario": "set-up"}, {"scenario": "many"}, {"scenario": "idle"}, {"scenario": "memory"}]
CLOSE = 0.97  # nearer than that is a draw


class Failed(Exception):
    pass


def _is_shown(case):
    return any(all(case[name] == value for name, value in wanted.items()) for wanted in SHOWN)


def _losses(results):
    """Where a peer that is no limit is ahead of plain xsock, the worst first."""
    limits = {result["peer"] for result in results.taken if result["kind"] == "limit"}
    found = []
    for case in results.cases():
        name, _, more_is_better, _ = table.FIGURES[case["scenario"]]
        for peer in results.peers(case):
            if peer in limits or peer.startswith("xsock"):
                continue
            ratio = results.ratio(case, "xsock", peer, name)
            ratio = ratio and (ratio if more_is_better else 1 / ratio)
            if ratio and ratio < CLOSE:
                found.append((1 / ratio, table.title(case), table.subject(case), peer))
    rows = [["measured", "message", "peer", "times ahead of xsock"]]
    rows += [[where, what, peer, table.number(factor)] for factor, where, what, peer in sorted(found, reverse=True)]
    return table.aligned(rows) if found else "Nowhere in this run."


def _section(results, figures):
    parts = [f"The run: {table.about(results)}.", goals.text(results).strip(),
             f"### where a peer is ahead\n\n{_losses(results)}"]
    parts += [markdown for cases, markdown in table.tables(results) if _is_shown(cases[0])]
    parts.append("### plots\n\n" + "\n".join(f"![{path.stem}](figures/{path.name})" for path in figures))
    return "\n\n".join(parts)


def write(root, results):
    path = root / "docs" / "performance.md"
    text = path.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        raise Failed(f"{path} has not the marks {BEGIN} and {END}")
    directory = root / "docs" / "figures"
    if directory.exists():
        # Those of an earlier run that measured something else would mislead.
        for old in directory.glob("*.svg"):
            old.unlink()
    figures = plots.draw(results, directory)
    before, behind = text.split(BEGIN)[0], text.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n\n{_section(results, figures)}\n\n{END}{behind}", encoding="utf-8")
