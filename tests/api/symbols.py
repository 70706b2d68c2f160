#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The header, the version map, the shared and the static library name the same functions."""
import re
import subprocess
import sys

import declared

VERSION = "XSOCK_0"
SONAME = "libxsock.so.0"


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def in_map(text):
    """{version: names} of a version script."""
    text = re.sub(r"/\*.*?\*/|#.*", "", text, flags=re.DOTALL)
    versions = {}
    for version, body in re.findall(r"(\w+)\s*\{(.*?)\}", text, re.DOTALL):
        names = re.search(r"global:(.*?)(?:local:|$)", body, re.DOTALL)
        versions[version] = set(re.findall(r"[^\s;]+", names[1])) if names else set()
    return versions


def exported(listing):
    """{name: version} of the defined dynamic symbols, without those that stand for a version."""
    symbols = {}
    for line in listing.splitlines():
        name = line.split()[-1]
        kind = line.split()[-2]
        if kind != "A":
            symbols[name.split("@")[0]] = name.partition("@")[2].lstrip("@")
    return symbols


def public_in_archive(listing):
    """Names that other objects can link to, or clash with. Sanitizers and coverage add their own, with underscores."""
    return {fields[-1] for line in listing.splitlines()
            if len(fields := line.split()) == 3 and not fields[-1].startswith("_")}


def check(functions, versions, dynamic, archive, soname):
    wrong = []
    for what, names in (("the version map", versions.get(VERSION, set())),
                        ("the shared library", set(dynamic)), ("the static library", archive)):
        wrong += [f"{name} is in xsock.h but not in {what}" for name in sorted(functions - names)]
        wrong += [f"{name} is in {what} but not in xsock.h" for name in sorted(names - functions)]
    wrong += [f"{name} has version '{version}', not {VERSION}"
              for name, version in sorted(dynamic.items()) if version != VERSION]
    wrong += [f"the version map has {name}" for name in sorted(set(versions) - {VERSION})]
    if soname != SONAME:
        wrong.append(f"the soname is {soname}, not {SONAME}")
    return wrong


def self_check():
    """A name, or a version, that is missing or too much anywhere is found."""
    names = {"xsock_a", "xsock_b"}
    script = "XSOCK_0 {\nglobal:\n\txsock_a; /* x; */\n\txsock_b;\nlocal:\n\t*;\n};\n"
    dynamic = ("0000 T xsock_a@@XSOCK_0\n0000 T xsock_b@@XSOCK_0\n0000 A XSOCK_0\n")
    archive = "x.o:\n0000 T xsock_a\n0000 T xsock_b\n0000 B __sanitizer\n"
    good = (script, dynamic, archive, SONAME)
    bad = [
        (script.replace("xsock_b;", ""), dynamic, archive, SONAME),
        (script.replace("xsock_b", "xsock_*"), dynamic, archive, SONAME),
        (script + "XSOCK_1 { global: xsock_a; };", dynamic, archive, SONAME),
        (script, dynamic.replace("0000 T xsock_b@@XSOCK_0\n", ""), archive, SONAME),
        (script, dynamic + "0000 T fail@@XSOCK_0\n", archive, SONAME),
        (script, dynamic + "0000 B counter@@XSOCK_0\n", archive, SONAME),
        (script, dynamic.replace("b@@XSOCK_0", "b"), archive, SONAME),
        (script, dynamic.replace("b@@XSOCK_0", "b@@XSOCK_1"), archive, SONAME),
        (script, dynamic, archive.replace("0000 T xsock_b\n", ""), SONAME),
        (script, dynamic, archive + "0000 T xsock_c\n", SONAME),
        (script, dynamic, archive + "0000 T fail\n", SONAME),
        (script, dynamic, archive, "libxsock.so"),
    ]

    def run(script, dynamic, archive, soname):
        return check(names, in_map(script), exported(dynamic), public_in_archive(archive), soname)

    if run(*good) or not all(run(*case) for case in bad) or \
            not check(names | {"xsock_c"}, in_map(script), exported(dynamic),
                      public_in_archive(archive), SONAME):
        sys.exit("the check itself is wrong")


def main(shared, static, map_file, *directories):
    self_check()
    functions = declared.functions(directories)
    with open(map_file, encoding="ascii") as file:
        versions = in_map(file.read())
    soname = re.search(r"SONAME.*\[(.*)\]", output("readelf", "-d", shared))
    wrong = check(functions, versions, exported(output("nm", "-D", "--defined-only", shared)),
                  public_in_archive(output("nm", "-g", "--defined-only", static)),
                  soname[1] if soname else None)
    if len(functions) < 10:
        wrong.append(f"only {len(functions)} functions found in xsock.h")
    print("\n".join(wrong) or f"{len(functions)} functions everywhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
