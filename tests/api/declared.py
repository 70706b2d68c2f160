# SPDX-License-Identifier: LGPL-2.1-or-later
"""The functions that xsock.h declares, as compilers see them."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = "#include <xsock/xsock.h>\n"


def by_gcc(compiler, includes):
    """gcc writes all prototypes down, with the file and line of each."""
    with tempfile.TemporaryDirectory() as directory:
        source = pathlib.Path(directory, "all.c")
        listing = pathlib.Path(directory, "all.txt")
        source.write_text(SOURCE)
        subprocess.run([compiler, *includes, "-fsyntax-only", "-aux-info", listing, source],
                       check=True)
        lines = listing.read_text().splitlines()
    pattern = re.compile(r"/\* \S*/xsock\.h:\d+:\S+ \*/.*?(\w+) \(")
    return {match[1] for line in lines if (match := pattern.match(line))}


def by_clang(compiler, includes):
    """clang writes its syntax tree; the header's are those with our prefix."""
    tree = subprocess.run([compiler, *includes, "-fsyntax-only", "-Xclang", "-ast-dump=json",
                           "-x", "c", "-"],
                          input=SOURCE, capture_output=True, text=True, check=True)
    return {node["name"] for node in json.loads(tree.stdout)["inner"]
            if node["kind"] == "FunctionDecl" and node["name"].startswith("xsock")}


def functions(directories):
    """What each compiler at hand sees; they must agree."""
    includes = [f"-I{directory}" for directory in directories]
    seen = {}
    for name, look in (("gcc", by_gcc), ("clang", by_clang)):
        if shutil.which(name):
            seen[name] = look(name, includes)
    if not seen:
        sys.exit("neither gcc nor clang is here")
    if any(found != list(seen.values())[0] for found in seen.values()):
        sys.exit(f"the compilers do not agree: {seen}")
    return list(seen.values())[0]
