# SPDX-License-Identifier: LGPL-2.1-or-later
"""SVG plots, drawn by gnuplot."""
import subprocess

from . import table

NAMES = {"vchan": "libxenvchan (emulated)", "unix": "AF\\_UNIX stream", "seqpacket": "AF\\_UNIX seqpacket",
         "tcp": "TCP, loopback", "ideal": "ideal ring", "xsock-sendv": "xsock, sendv",
         "xsock-more": "xsock, MSG\\_MORE",
         "xsock-one-way": "xsock, one way", "xsock-growing": "xsock, growing", "xsock-in-place": "xsock, in place"}
LAB_NAMES = {"vchan": "libxenvchan", "tcp": "TCP over the vif", "tcp-auto": "TCP, automatic buffers"}
COLOURS = {"xsock": "#d62728", "xsock-sendv": "#ff7f0e", "xsock-more": "#e377c2", "xsock-one-way": "#8c564b",
           "xsock-growing": "#17becf",
           "xsock-in-place": "#ff7f0e", "vchan": "#1f77b4", "unix": "#2ca02c", "seqpacket": "#98df8a",
           "pipe": "#9467bd", "tcp": "#7f7f7f", "tcp-auto": "#bcbd22", "ideal": "#000000"}

WAITS = {"sleep": "sleeping", "adaptive": "asking for a while, then sleeping", "spin": "asking only"}


class Failed(Exception):
    pass


def _gnuplot(script):
    done = subprocess.run(["gnuplot"], input=script, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise Failed(f"gnuplot: {done.stderr.strip()}")


def _quoted(path):
    return "'" + str(path).replace("'", "''") + "'"


def _colour(peer):
    return COLOURS.get(peer, "#17becf")


def _name(results, peer):
    return (results.in_lab and LAB_NAMES.get(peer)) or NAMES.get(peer, peer)


def _style(results, peer):
    dash = " dt 2" if peer == "ideal" else ""
    return f"title '{_name(results, peer)}' lw 2 pt 7 ps 0.4 lc rgb '{_colour(peer)}'{dash}"


def _lines(results, cases, name):
    """{peer: [(size, min, median, max)]}"""
    lines = {}
    for case in sorted(cases, key=lambda case: case["size"]):
        for peer in results.peers(case):
            spread = results.spread(case, peer, name)
            if spread:
                lines.setdefault(peer, []).append((case["size"], *spread))
    return {peer: lines[peer] for peer in table.sorted_peers(lines)}


def _over_size(results, cases, name, label, path):
    lines = _lines(results, cases, name)
    blocks = "\n".join(f"$d{index} << EOD\n" + "\n".join(f"{size} {median} {low} {high}"
                                                        for size, low, median, high in points) + "\nEOD"
                       for index, points in enumerate(lines.values()))
    plots = ", ".join(f"$d{index} using 1:2 with linespoints {_style(results, peer)}, "
                      f"$d{index} using 1:2:3:4 with yerrorbars notitle lw 1 ps 0 lc rgb '{_colour(peer)}'"
                      for index, peer in enumerate(lines))
    ticks = ", ".join(f"'{table.size(size)}' {size}" for size in sorted({case["size"] for case in cases}))
    _gnuplot(f"set terminal svg size 860,480 font 'sans,12' background '#ffffff'\nset output {_quoted(path)}\n"
             f"set title '{table.title(cases[0])}' noenhanced\nset logscale x 2\nset logscale y\nset grid\n"
             f"set xlabel 'bytes of a message'\nset ylabel '{label}'\nset key outside right\n"
             f"set xtics rotate by -40 ({ticks})\n{blocks}\nplot {plots}\n")


def _latency(results, cases, path):
    """Bars: p50, p99 and p99.9 of each peer."""
    blocks, plots = [], []
    for index, case in enumerate(cases):
        rows = [f"\"{peer}\" " + " ".join(str(results.median(case, peer, name)) for name in
                                         ("p50_us", "p99_us", "p999_us"))
                for peer in table.sorted_peers(results.peers(case))]
        blocks.append(f"$d{index} << EOD\n" + "\n".join(rows) + "\nEOD")
        plots.append(f"set title '{WAITS[case['wait']]}'\nplot $d{index} using 2:xtic(1) title 'p50' lc rgb '#1f77b4', "
                     f"$d{index} using 3 title 'p99' lc rgb '#ff7f0e', "
                     f"$d{index} using 4 title 'p99.9' lc rgb '#d62728'")
    _gnuplot(f"set terminal svg size 1100,480 font 'sans,12' background '#ffffff'\nset output {_quoted(path)}\n"
             "set style data histogram\nset style fill solid\nset logscale y\nset yrange [0.1:*]\nset grid ytics\n"
             "set key above horizontal\n"
             "set xtics rotate by -60 noenhanced\nset ylabel 'us there and back, 64 B'\n" + "\n".join(blocks) +
             f"\nset multiplot layout 1,{len(cases)}\n" + "\n".join(plots) + "\nunset multiplot\n")


def draw(results, directory):
    """The paths of what was drawn."""
    directory.mkdir(parents=True, exist_ok=True)
    drawn = []
    groups = {}
    for case in results.cases(scenario="throughput"):
        groups.setdefault((case["place"], case["ring"], case["touch"]), []).append(case)
    for (place, ring, touch), cases in groups.items():
        if len(cases) < 3:
            continue
        name = f"{place}-{ring >> 10}k" + ("-all" if touch == "all" else "")
        for figure, label in (("gb_per_s", "GB/s"), ("cpu_s_per_gb", "CPU-s for each GB")):
            kind = "throughput" if figure == "gb_per_s" else "cpu"
            drawn.append(directory / f"{kind}-{name}.svg")
            _over_size(results, cases, figure, label, drawn[-1])
    for place in results.places():
        cases = results.cases(scenario="round-trip", place=place)
        if cases:
            drawn.append(directory / f"latency-{place}.svg")
            _latency(results, cases, drawn[-1])
    if not drawn:
        raise Failed("this run measured neither throughput nor round trips")
    return drawn
