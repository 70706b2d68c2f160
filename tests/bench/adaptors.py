#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each way of the benchmark to move bytes moves them all, in order: adaptors.py PAIR"""
import json
import os
import subprocess
import sys

REFUSED = 77
# What runs with every adaptor: a message that is smaller than a ring, one that wraps, one that is larger.
CASES = [
    ("throughput --size 64", True),
    ("throughput --size 64 --ring 4096 --place one", True),
    ("throughput --size 1216 --ring 4096 --touch all", True),
    ("throughput --size 65536 --ring 8192 --touch all", True),
    ("both-ways --size 64", True),
    ("both-ways --size 2048 --ring 4096 --touch all", True),
    ("both-ways --size 65536 --place one", True),
    ("round-trip --size 64 --wait sleep", True),
    ("round-trip --size 64 --wait adaptive --place free", True),
    ("round-trip --size 64 --wait spin", True),
    ("many --connections 5", True),
    ("set-up", False),
    ("paced --rate 2000", False),
    ("idle", False),
    ("memory --connections 3", False),
]


def fault_of(arguments, sums):
    """What is wrong, "" if nothing is, None if the adaptor has no such thing."""
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode not in (0, REFUSED):
        return f"status {done.returncode}: {done.stderr.strip()}"
    result = json.loads(done.stdout)
    if done.returncode == REFUSED:
        return None if result["refused"] else "refused without a reason"
    if sums and result["checksum"] != "equal":
        return f"checksum: {result['checksum']}"
    return ""


def try_peer(pair, peer):
    """What is wrong, and how many cases ran."""
    ran = 0
    for scenario, sums in CASES:
        # One processor only is a machine like another.
        place = [] if "--place" in scenario or os.cpu_count() > 1 else ["--place", "one"]
        arguments = [pair, "--peer", peer, "--seconds", "0.01", "--limit", "30", *place,
                     "--scenario", *scenario.split()]
        fault = fault_of(arguments, sums)
        if fault:
            return f"{scenario}: {fault}", ran
        ran += fault is not None
    return "", ran


def main():
    pair = sys.argv[1]
    listed = subprocess.run([pair, "--list"], capture_output=True, text=True, check=True).stdout
    peers = [line.split()[1] for line in listed.splitlines() if line.startswith("peer ")]
    print(f"1..{len(peers)}")
    for number, peer in enumerate(peers, 1):
        fault, ran = try_peer(pair, peer)
        if not fault and ran == 0:
            fault = "nothing ran"
        print(f"{'not ok' if fault else 'ok'} {number} - {peer}: {fault or f'{ran} cases'}", flush=True)


if __name__ == "__main__":
    main()
