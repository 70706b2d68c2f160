# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs all measurements in turns: every peer of a row, then the next row, and all that again each round."""
import json
import subprocess
import sys
import time

REFUSED = 77
LIMIT = 60  # seconds; ten times what the slowest takes


class Progress:
    """One line that changes on a terminal; elsewhere a line now and then."""

    def __init__(self, total):
        self.total, self.done = total, 0
        self.began = self.shown = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def restart(self):
        """What was up to now says nothing of how long the rest will take."""
        self.began = time.monotonic()

    def show(self, text):
        now = time.monotonic()
        if not self.terminal and now - self.shown < 10 and self.done:
            return
        self.shown = now
        used = now - self.began
        left = f", about {used / self.done * (self.total - self.done):.0f} s left" if self.done else ""
        line = f"{self.done}/{self.total} {text}, {used:.0f} s{left}"
        print(f"\r{line[:118]:<118}" if self.terminal else line, end="" if self.terminal else "\n", file=sys.stderr,
              flush=True)

    def end(self):
        if self.terminal:
            print(f"\r{'':<118}\r", end="", file=sys.stderr, flush=True)


def _run(arguments):
    """(status, output, errors). Whatever ends this early, the program gets the time to tidy up."""
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            output, errors = child.communicate(timeout=LIMIT + 10)
        except BaseException:
            child.terminate()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
            raise
        return child.returncode, output, errors


def _one(pair, case, peer, seconds):
    """A result, or None where a peer cannot do it; raises RuntimeError."""
    arguments = [str(pair), "--peer", peer, "--seconds", str(case.seconds or seconds), "--limit", str(LIMIT),
                 "--place", case.place, *case.arguments()]
    status, output, errors = _run(arguments)
    if status == REFUSED:
        return None
    if status:
        raise RuntimeError(f"{' '.join(arguments[1:])}: {errors.strip() or f'status {status}'}")
    return json.loads(output)


def turns(work, rounds):
    for number in range(rounds):
        for case in work:
            if number and case.once:
                continue
            # Each is once the first, once the one behind another.
            shift = number % len(case.peers)
            for peer in case.peers[shift:] + case.peers[:shift]:
                yield number, case, peer


def measure(pair, work, rounds, seconds, budget):
    """All results, sentences about what failed, and whether somebody interrupted."""
    order = list(turns(work, rounds))
    progress, taken, faults, refused = Progress(len(order)), [], [], set()
    try:
        for progress.done, (number, case, peer) in enumerate(order):
            if number and time.monotonic() - progress.began > budget:
                break
            if (case, peer) in refused:
                continue
            progress.show(f"round {number + 1} of {rounds}: {case.scenario} {case.size} B, {peer}")
            try:
                result = _one(pair, case, peer, seconds)
            except (RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
                faults.append(str(error))
                refused.add((case, peer))
                continue
            if result is None:
                refused.add((case, peer))
            else:
                taken.append({"round": number, **result})
    except KeyboardInterrupt:
        return taken, faults, True
    finally:
        progress.end()
    return taken, faults, False
