#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every function has a manual page, its own or one that names it; no page lacks its function."""
import ast
import pathlib
import re
import sys

import declared


def dictionary(text, name):
    """A dictionary in a meson.build; those of strings and lists look as in Python."""
    match = re.search(rf"^{name} = (\{{.*?^\}})", text, re.DOTALL | re.MULTILINE)
    return ast.literal_eval(match[1]) if match else {}


def named(page):
    """The names in a page's NAME section."""
    section = re.search(r"^\.Sh NAME$(.*?)^\.Sh", page, re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^\.Nm (\w+)", section[1], re.MULTILINE)) if section else set()


def check(functions, build, pages):
    """`pages`: {name: text} of section 3."""
    installed = set(dictionary(build, "man_pages").get("3", []))
    links = dictionary(build, "man_links")
    wrong = [f"{name}.3 is not installed" for name in sorted(set(pages) - installed)]
    wrong += [f"{name}.3 does not exist" for name in sorted(installed - set(pages))]
    where = {name: name for name in installed}
    for page, names in links.items():
        where.update({name: page for name in names})
    for name in sorted(functions):
        if name not in where:
            wrong.append(f"{name} has no manual page")
        elif name not in named(pages.get(where[name], "")):
            wrong.append(f"{where[name]}.3 does not name {name}")
    aliases = {name for names in links.values() for name in names}
    wrong += [f"{name}.3 is the page of no function" for name in sorted(aliases - functions)]
    for page, text in pages.items():
        wrong += [f"{page}.3 names {name}, which is no function" for name in named(text)
                  if name.startswith("xsock_") and name not in functions and name != page]
    return wrong


def self_check():
    build = ("man_pages = {\n    '3': ['xsock_a'],\n}\n"
             "man_links = {\n    'xsock_a': ['xsock_b'],\n}\n")
    page = ".Sh NAME\n.Nm xsock_a ,\n.Nm xsock_b\n.Nd x\n.Sh LIBRARY\n.Nm xsock_c\n"
    names = {"xsock_a", "xsock_b"}
    bad = [
        (names | {"xsock_c"}, build, {"xsock_a": page}),
        ({"xsock_a"}, build, {"xsock_a": page}),
        (names, build.replace("'xsock_b'", ""), {"xsock_a": page}),
        (names, build, {"xsock_a": page.replace(".Nm xsock_b\n", "")}),
        (names, build, {"xsock_a": page, "xsock_new": page}),
        (names, build, {}),
    ]
    if check(names, build, {"xsock_a": page}) or not all(check(*case) for case in bad):
        sys.exit("the check itself is wrong")


def main(manual, *directories):
    self_check()
    functions = declared.functions(directories)
    pages = {path.stem: path.read_text() for path in pathlib.Path(manual).glob("*.3")}
    wrong = check(functions, pathlib.Path(manual, "meson.build").read_text(), pages)
    print("\n".join(wrong) or f"{len(functions)} functions on {len(pages)} pages")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
