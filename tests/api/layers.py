#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks the #include lines against the layers: an arrow may only point down."""
import pathlib
import re
import sys

# Where a file lies (the longest prefix counts), and what its own headers may be.
ALLOWED = {
    "lib/base/": ["base/"],
    "lib/ring/": ["ring/", "base/"],
    "lib/platform/": ["platform/", "base/"],
    "lib/platform/xen/": ["platform/", "base/"],
    "lib/platform/local/": ["platform/", "base/"],
    "lib/conn/": ["conn/", "ring/", "platform/", "base/"],
    "lib/api/": ["api/", "conn/", "ring/", "platform/", "base/", "xsock/"],
    # What the xsock command is told of other processes; no part of the library.
    "lib/inspect/": ["inspect/", "conn/", "ring/", "platform/", "base/"],
    # It has a copy of its own of that.
    "lib/preload/": ["preload/", "xsock/", "base/spin.h"],
    # Programs: what an installed library offers, and files beside them.
    "tools/": ["xsock/", "inspect/"],
    "examples/": ["xsock/"],
    "bench/": ["xsock/"],
}
PROGRAMS = ("tools/", "examples/", "bench/")
OWN = {"api", "conn", "inspect", "ring", "base", "platform", "preload", "xsock"}
# The ring makes no system call.
CALLS = re.compile(r"^(unistd|poll|fcntl|pthread|signal|threads|semaphore|stdio|time|spawn)\.h$|"
                   r"^(sys/(?!uio\.h|types\.h|cdefs\.h)|linux/|asm/|xen)")
XEN = re.compile(r"xen[a-z]*\.h$|xen/")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def layer_of(path):
    return max((prefix for prefix in ALLOWED if path.startswith(prefix)), key=len, default=None)


def includes(text):
    return INCLUDE.findall(text)


def check_xen(path, name):
    if XEN.search(name) and not name.startswith("platform/") and \
            not path.startswith("lib/platform/xen/") and not path.startswith(PROGRAMS):
        return f"{path}: only lib/platform/xen includes <{name}>"
    return None


def check_own(path, layer, mark, name, files):
    """A header of this project, or a file beside a program."""
    beside = str(pathlib.PurePosixPath(path).parent / name)
    if path.startswith(PROGRAMS) and mark == '"' and ".." not in name and beside in files:
        return None
    if not any(name.startswith(prefix) for prefix in ALLOWED[layer]):
        return f"{path}: {layer} must not include {name}"
    if layer == "lib/platform/local/" and name.startswith("platform/xen") or \
            layer == "lib/platform/xen/" and name.startswith("platform/local"):
        return f"{path}: one platform must not include the other's {name}"
    if layer == "lib/platform/" and name.startswith(("platform/xen/", "platform/local/")):
        return f"{path}: the contract must not include {name}"
    return None


def reached(path, files, seen=None):
    """The files that one includes, by any way within lib/."""
    seen = set() if seen is None else seen
    for _, name in includes(files[path]):
        header = "lib/" + name
        if header in files and header not in seen:
            seen.add(header)
            reached(header, files, seen)
    return seen


def check_calls(path, files):
    return [f"{path}: the ring makes no system call, but gets <{name}> from {source}"
            for source in {path} | reached(path, files)
            for mark, name in includes(files[source])
            if mark == "<" and CALLS.search(name)]


def check(files):
    """What is wrong in {path: text}, as sentences."""
    wrong = []
    for path, text in sorted(files.items()):
        layer = layer_of(path)
        if layer is None:
            if path.startswith("lib/"):
                wrong.append(f"{path}: belongs to no layer")
            continue
        for mark, name in includes(text):
            if mark == '"' or name.split("/")[0] in OWN:
                wrong.append(check_own(path, layer, mark, name, files))
            wrong.append(check_xen(path, name))
        if layer == "lib/ring/":
            wrong += check_calls(path, files)
    return [sentence for sentence in wrong if sentence]


BAD = {
    "lib/base/x.c": '#include "conn/x.h"',
    "lib/ring/x.c": '#include "platform/platform.h"',
    "lib/ring/y.c": "#include <unistd.h>",
    "lib/ring/z.c": "  #  include <sys/socket.h>",
    "lib/ring/w.c": '#include "base/through.h"',
    "lib/platform/x.h": '#include "conn/address.h"',
    "lib/platform/x.c": '#include "platform/local/local.h"',
    "lib/platform/local/x.c": "#include <xenstore.h>",
    "lib/platform/local/y.c": '#include "platform/xen/xen.h"',
    "lib/platform/xen/x.c": '#include "platform/local/local.h"',
    "lib/conn/x.c": '#include "api/socket.h"',
    "lib/conn/y.c": "#include <xsock/xsock.h>",
    "lib/conn/z.c": "#include <xengnttab.h>",
    "lib/conn/w.c": "#include <xen/grant_table.h>",
    "lib/api/z.c": '#include "inspect/x.h"',
    "lib/api/x.c": "#include <xenevtchn.h>",
    "lib/api/y.c": '#include "../../tools/xsock.h"',
    "lib/preload/x.c": '#include "conn/connection.h"',
    "lib/conn/v.c": '#include "inspect/x.h"',
    "lib/inspect/x.c": '#include "api/socket.h"',
    "lib/other/x.c": "",
    "tools/x.c": '#include "conn/connection.h"',
    "tools/y.c": "#include <ring/layout.h>",
    "tools/z.c": '#include "../lib/base/error.h"',
    "examples/x.c": '#include "base/error.h"',
    "bench/x.c": '#include "platform/platform.h"',
}
GOOD = {
    "lib/base/through.h": "#include <unistd.h>",
    "lib/ring/good.c": '#include <sys/uio.h>\n#include <string.h>\n#include "base/plain.h"',
    "lib/base/plain.h": "#include <stdint.h>",
    "lib/platform/xen/good.c": '#include <xenstore.h>\n#include "platform/platform.h"',
    "lib/conn/good.c": '#include <poll.h>\n#include "ring/x.h"\n#include "platform/platform.h"',
    "lib/api/good.c": '#include <xsock/xsock.h>\n#include "conn/connection.h"',
    "tools/good.c": '#include <xsock/xsock.h>\n#include "good.h"\n#include "sub/part.h"',
    "tools/inside.c": '#include "inspect/good.h"',
    "lib/inspect/good.c": '#include "inspect/good.h"\n#include "conn/good.h"',
    "tools/good.h": "",
    "tools/sub/part.h": "",
}


def self_check():
    """Each made-up violation is found, nothing else is."""
    found = {sentence.split(":")[0] for sentence in check({**BAD, **GOOD})}
    if found != set(BAD):
        sys.exit(f"the check itself is wrong about {sorted(found ^ set(BAD))}")


def main(root):
    self_check()
    files = {str(path.relative_to(root)): path.read_text()
             for top in ("lib", "tools", "examples", "bench")
             for path in (root / top).rglob("*.[ch]")}
    if sum(path.startswith("lib/") for path in files) < 20:
        sys.exit(f"only {len(files)} files found below {root}")
    wrong = check(files)
    print("\n".join(wrong) or f"{len(files)} files keep to the layers")
    return 1 if wrong else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
