#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two ends that do not see each other's memory measure as two that do, on the local platform: ends.py END"""
import json
import os
import subprocess
import sys
import tempfile

CASES = [
    ("xsock", "throughput --size 4K --touch all", True),
    ("xsock", "throughput --size 64K --ring 8K", True),
    ("xsock", "round-trip --wait adaptive", True),
    ("xsock", "both-ways --size 1K", True),
    ("xsock", "set-up", False),
    ("tcp", "throughput --size 4K --touch all", True),
    ("tcp", "round-trip", True),
    ("tcp", "set-up", False),
]
REFUSED = 77


def both(end, arguments, directory):
    """[(status, output, errors)] of the end that listens and the one that connects."""
    environment = {**os.environ, "XSOCK_PLATFORM": "local", "XSOCK_LOCAL_DIR": directory}
    # An address of its own: other tests may use the ports elsewhere.
    command = [end, "--listener", "0@127.0.7.11", "--connector", "1@127.0.7.12", "--seconds", "0.01", "--limit", "20",
               *arguments, "--end"]
    children = [subprocess.Popen([*command, side], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=environment) for side in ("listens", "connects")]
    done = [(*child.communicate(timeout=40), child.returncode) for child in children]
    return [(status, output, errors) for output, errors, status in done]


def fault_of(ends, sums):
    for status, _, errors in ends:
        if status:
            return f"status {status}: {errors.strip()}"
    if ends[0][1]:
        return f"the end that listens says {ends[0][1]}"
    if sums and json.loads(ends[1][1])["checksum"] != "equal":
        return f"checksums: {ends[1][1]}"
    return ""


def fault_of_refusal(ends):
    wrong = [status for status, output, _ in ends if status != REFUSED or not json.loads(output)["refused"]]
    return f"not refused: {wrong}" if wrong else ""


def fault_of_alone(end):
    """An end that nobody meets gives up."""
    done = subprocess.run([end, "--end", "listens", "--listener", "0@127.0.7.13", "--connector", "1@127.0.7.12",
                           "--limit", "1"], capture_output=True, text=True, timeout=40, check=False)
    return "" if done.returncode == 1 and "limit" in done.stderr else f"status {done.returncode}: {done.stderr}"


def main():
    end = sys.argv[1]
    print(f"1..{len(CASES) + 3}")
    number = 0
    with tempfile.TemporaryDirectory() as directory:
        for peer, scenario, sums in CASES:
            number += 1
            fault = fault_of(both(end, ["--peer", peer, "--scenario", *scenario.split()], directory), sums)
            print(f"{'not ok' if fault else 'ok'} {number} - {peer}, {scenario}{fault and ': ' + fault}", flush=True)
        for arguments in (["--peer", "pipe"], ["--peer", "xsock", "--scenario", "idle"]):
            number += 1
            fault = fault_of_refusal(both(end, arguments, directory))
            print(f"{'not ok' if fault else 'ok'} {number} - {' '.join(arguments)} needs one memory"
                  f"{fault and ': ' + fault}", flush=True)
    fault = fault_of_alone(end)
    print(f"{'not ok' if fault else 'ok'} {number + 1} - an end alone gives up{fault and ': ' + fault}")


if __name__ == "__main__":
    main()
