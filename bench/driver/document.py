# SPDX-License-Identifier: LGPL-2.1-or-later
"""Puts a run into docs/performance.md, between the marks of its platform, and its plots into docs/figures."""
from . import goals, plots, table

# The marks, and where the plots go.
LOCAL = ("<!-- a run: begin -->", "<!-- a run: end -->", "figures")
LAB = ("<!-- a run in the lab: begin -->", "<!-- a run in the lab: end -->", "figures/lab")
# What is shown besides the plots: the rest is in the run's JSON.
SHOWN = [{"scenario": "throughput", "place": "two", "ring": 128 << 10, "touch": "line"},
         {"scenario": "throughput", "place": "two", "ring": 1 << 20, "touch": "line"},
         {"scenario": "throughput", "place": "two", "ring": 128 << 10, "touch": "all"},
         {"scenario": "throughput", "place": "one"}, {"scenario": "both-ways"}, {"scenario": "round-trip"}, {"scenario": "paced"},
         {"scenario": "set-up"}, {"scenario": "many"}, {"scenario": "idle"}, {"scenario": "memory"}]
CLOSE = 0.97  # nearer than that is a draw


class Failed(Exception):
    pass


def _is_shown(results, case):
    return results.in_lab or any(all(case[name] == value for name, value in wanted.items()) for wanted in SHOWN)


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


def _section(results, figures, directory):
    parts = [f"The run: {table.about(results)}.", goals.text(results).strip(),
             f"### where a peer is ahead\n\n{_losses(results)}"]
    parts += [markdown for cases, markdown in table.tables(results) if _is_shown(results, cases[0])]
    parts.append("### plots\n\n" + "\n".join(f"![{path.stem}]({directory}/{path.name})" for path in figures))
    return "\n\n".join(parts)


def write(root, results):
    path = root / "docs" / "performance.md"
    begin, end, figures_name = LAB if results.in_lab else LOCAL
    text = path.read_text(encoding="utf-8")
    if text.count(begin) != 1 or text.count(end) != 1:
        raise Failed(f"{path} has not the marks {begin} and {end}")
    directory = root / "docs" / figures_name
    if directory.exists():
        # Those of an earlier run that measured something else would mislead.
        for old in directory.glob("*.svg"):
            old.unlink()
    figures = plots.draw(results, directory)
    before, behind = text.split(begin)[0], text.split(end)[1]
    path.write_text(f"{before}{begin}\n\n{_section(results, figures, figures_name)}\n\n{end}{behind}", encoding="utf-8")
