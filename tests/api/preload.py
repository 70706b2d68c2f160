#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""libxsock-preload stands before the functions in preload.names, and before nothing else."""
import subprocess
import sys


def exported(listing):
    return {line.split()[-1].split("@")[0] for line in listing.splitlines()}


def listed(text):
    """One name a line, in order, so that a change shows as one line."""
    names = [line for line in text.splitlines() if line and not line.startswith("#")]
    if names != sorted(set(names)):
        sys.exit("preload.names is not in order, or has a name twice")
    return set(names)


def check(names, symbols):
    return [f"{name} is listed but not exported" for name in sorted(names - symbols)] + \
           [f"{name} is exported but not listed" for name in sorted(symbols - names)]


def self_check():
    listing = "0000 T close\n0000 T read@@V\n"
    if check({"close", "read"}, exported(listing)) or not check({"close"}, exported(listing)) or \
            not check({"close", "read", "write"}, exported(listing)):
        sys.exit("the check itself is wrong")


def main(library, names_file):
    self_check()
    with open(names_file, encoding="ascii") as file:
        names = listed(file.read())
    symbols = exported(subprocess.run(["nm", "-D", "--defined-only", library],
                                      capture_output=True, text=True, check=True).stdout)
    wrong = check(names, symbols)
    print("\n".join(wrong) or f"{len(names)} functions")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
