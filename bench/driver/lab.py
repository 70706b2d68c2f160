# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs all measurements in turns between domains of a Xen that the lab boots: one boot for all of them."""
import json
import pathlib
import subprocess
import tempfile

from . import matrix, measure

LIMIT = 30  # seconds of one measurement
SECONDS_MAX = 2500  # of all, should the suite not keep to its budget


class Failed(Exception):
    pass


def plan(turns, seconds, budget):
    """As tests/lab/suites/bench reads it."""
    lines = [str(int(budget))]
    for number, case, peer in turns:
        receiver, sender = matrix.DOMAINS[case.place]
        arguments = ["--peer", peer, "--seconds", str(case.seconds or seconds), "--limit", str(LIMIT),
                     *case.arguments()]
        lines.append(" ".join([str(number), str(receiver), str(sender), *arguments]))
    return "\n".join(lines) + "\n"


def _result(text, turns):
    """(index, result, fault): "NUMBER STATUS JSON", or what failed in its place."""
    index, status, output = text.split(" ", 2)
    number, case, peer = turns[int(index)]
    if int(status) == measure.REFUSED:
        return int(index), None, None
    if int(status) == 0:
        return int(index), {"round": number, **json.loads(output), "place": case.place}, None
    return int(index), None, f"{peer}, {case.scenario} {case.size} B, {case.place}: {output.strip()}"


def follow(lines, turns, progress, taken, faults):
    """Takes the results as they come."""
    for line in lines:
        if line.startswith("# measuring"):
            progress.restart()
        if line.startswith("not ok"):
            faults.append(line.strip())
        if not line.startswith("# result "):
            continue
        try:
            index, result, fault = _result(line[len("# result "):], turns)
        except (ValueError, IndexError):
            faults.append(f"the lab said: {line.strip()}")
            continue
        if result:
            taken.append(result)
        if fault:
            faults.append(fault)
        progress.done = index + 1
        if progress.done < len(turns):
            number, case, peer = turns[progress.done]
            progress.show(f"round {number + 1}: {case.place} {case.scenario} {case.size} B, {peer}")


def _boot(root, stage, directory):
    command = [root / "tests" / "lab" / "run", "--guests", "2", "--cache", root / "build" / "lab", "--overlay", stage,
               "--add", f"{directory / 'plan'}:/lab/bench-plan", "--log-dir", directory / "logs", "--timeout",
               str(SECONDS_MAX), "bench"]
    with open(directory / "log", "w", encoding="utf-8") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)


def run(root, stage, work, rounds, seconds, budget):
    """All results, sentences about what failed, and whether somebody interrupted."""
    turns = list(measure.turns(work, rounds))
    progress, taken, faults = measure.Progress(len(turns)), [], []
    with tempfile.TemporaryDirectory(prefix="xsock-bench-") as name:
        directory = pathlib.Path(name)
        (directory / "plan").write_text(plan(turns, seconds, budget), encoding="utf-8")
        progress.show("booting Xen in an emulator")
        with _boot(root, stage, directory) as lab:
            try:
                follow(lab.stdout, turns, progress, taken, faults)
            except KeyboardInterrupt:
                return taken, faults, True
            finally:
                # It has guests and an emulator to end.
                lab.terminate()
                lab.wait()
                progress.end()
        if not taken:
            raise Failed((directory / "log").read_text(encoding="utf-8", errors="replace") +
                         "the lab measured nothing; see above")
    return taken, faults, False
