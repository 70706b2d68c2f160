#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each public header compiles alone, without a warning, in every language that may include it."""
import pathlib
import shutil
import subprocess
import sys

STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wundef", "-Werror"]
C = ["-Wstrict-prototypes"]
LANGUAGES = [
    (("gcc", "clang"), "c", ["c99", "c11", "c17", "gnu11"], STRICT + C),
    (("g++", "clang++"), "c++", ["c++98", "c++11", "c++17", "c++20"], STRICT),
]
# A use of what is most easily lost: types, constants, and C linkage in C++.
USE = """
int use(struct xsock *socket);
int use(struct xsock *socket)
{
	struct xsock_options options;
	struct xsock_info info;
	struct xsock_pollfd entry;
	options.role = XSOCK_ROLE_AUTO;
	options.flags = XSOCK_NONBLOCK;
	options.send_ring = XSOCK_RING_MAX;
	entry.socket = socket;
	entry.events = POLLIN;
	return xsock_get_info(socket, &info, sizeof info) + xsock_poll(&entry, 1, 0) +
	       xsock_shutdown(socket, SHUT_RDWR) + (int)options.role + XSOCK_VERSION[0];
}
"""


def compiles(compiler, language, standard, flags, source):
    flags = [*flags, "-Wpedantic"]
    command = [compiler, f"-std={standard}", "-x", language, *flags, "-fsyntax-only", "-"]
    result = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    return result.returncode == 0, result.stderr


def main(*directories):
    includes = [f"-I{directory}" for directory in directories]
    headers = sorted({path.name for directory in directories
                      for path in pathlib.Path(directory, "xsock").glob("*.h")})
    if headers != ["version.h", "xsock.h"]:
        sys.exit(f"the public headers are {headers}")
    sources = [f"#include <xsock/{name}>\nextern int not_empty;\n" for name in headers]
    sources += [sources[-1] * 2, sources[-1] + USE]
    done = failed = 0
    for compilers, language, standards, flags in LANGUAGES:
        for compiler in filter(shutil.which, compilers):
            # That a mistake would be noticed.
            if compiles(compiler, language, standards[0], includes + flags,
                        sources[-1].replace("POLLIN", "1.5"))[0]:
                sys.exit(f"{compiler} takes anything")
            for standard in standards:
                for source in sources:
                    fine, errors = compiles(compiler, language, standard, includes + flags, source)
                    done += 1
                    failed += not fine
                    if not fine:
                        print(f"{compiler} -std={standard}:\n{errors}")
    print(f"{done} compilations, {failed} failed")
    return 1 if failed or not done else 0


sys.exit(main(*sys.argv[1:]))
