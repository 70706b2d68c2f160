# SPDX-License-Identifier: LGPL-2.1-or-later
"""An installed copy: the README's program is compiled by its pkg-config line and runs."""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from support import CONNECTOR, LISTENER, collect, equal, finish, run

BUILD, HELLO_SOURCE, README, ECHO_SERVER = map(os.path.abspath, sys.argv[1:5])


def one(tree, pattern):
    found = glob.glob(f"{tree}/**/{pattern}", recursive=True)
    equal(len(found) > 0, True, f"presence of {pattern}")
    return pathlib.Path(found[0])


TREE = tempfile.TemporaryDirectory(prefix="xsock-installed-")
subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", TREE.name],
               check=True, stdout=subprocess.DEVNULL)
LIBRARIES = one(TREE.name, "libxsock.so").parent


def flags(*arguments):
    environment = dict(os.environ, PKG_CONFIG_PATH=str(LIBRARIES / "pkgconfig"),
                       PKG_CONFIG_SYSROOT_DIR=TREE.name)
    return subprocess.run(["pkg-config", *arguments, "xsock"], env=environment, check=True,
                          capture_output=True, text=True).stdout.split()


def compile_program(world, compiler, *more, libraries, source=HELLO_SOURCE):
    """Zero warnings, or it fails."""
    program = world.file("program")
    done = subprocess.run([*compiler, "-Wall", "-Wextra", *more, "-o", program, source,
                           *libraries], capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""), f"result of {compiler}")
    return str(program)


def say_hello(world, program):
    listener = world.start(LISTENER, ["env", f"LD_LIBRARY_PATH={LIBRARIES}", program])
    status = 1
    for _ in range(1000):
        connector = world.start(CONNECTOR,
                                ["env", f"LD_LIBRARY_PATH={LIBRARIES}", program, "1/hello"])
        status = connector.wait(60)
        if status == 0 or listener.poll() is not None:
            break
    equal(finish(listener, 0), b"Hello from another domain!\n", "greeting")
    equal(status, 0, "status of the connector")


def test_shared(world):
    program = compile_program(world, ["cc"], libraries=flags("--cflags", "--libs"))
    needed = subprocess.run(["readelf", "-d", program], check=True, capture_output=True,
                            text=True).stdout
    equal("libxsock.so" in needed, True, "use of the shared library")
    equal("libxengnttab" in needed, False, "overlinking")
    say_hello(world, program)


def test_program_of_the_readme(world):
    with open(README, encoding="utf-8") as readme:
        text = re.search(r"```c\n(.*?)```", readme.read(), re.DOTALL).group(1)
    program = compile_program(world, ["cc"], libraries=flags("--cflags", "--libs"),
                              source=world.file("readme.c", text.encode()))
    world.start(0, [ECHO_SERVER, "echo"])
    for _ in range(1000):
        client = world.start(CONNECTOR, ["env", f"LD_LIBRARY_PATH={LIBRARIES}", program])
        if client.wait(60) == 0:
            break
    equal(finish(client, 0), b"hello\n", "echo")


def test_static(world):
    # Beside the shared library the linker would take that.
    static = world.path / "static"
    static.mkdir()
    shutil.copy(one(TREE.name, "libxsock.a"), static)
    program = compile_program(world, ["cc"], f"-L{static}",
                              libraries=flags("--cflags", "--libs", "--static"))
    needed = subprocess.run(["readelf", "-d", program], check=True, capture_output=True,
                            text=True).stdout
    equal("libxsock.so" in needed, False, "use of the shared library")
    say_hello(world, program)


def test_cxx(world):
    for compiler in ("g++", "clang++"):
        if not shutil.which(compiler):
            print(f"# no {compiler} here")
            continue
        for standard in ("c++11", "c++20"):
            program = compile_program(world, [compiler, "-x", "c++", f"-std={standard}"],
                                      "-pedantic", libraries=["-x", "none",
                                                              *flags("--cflags", "--libs")])
        say_hello(world, program)


def test_header_in_strict_c(world):
    source = world.file("strict.c", b"#include <xsock/xsock.h>\nextern int nothing;\n")
    for compiler in ("gcc", "clang"):
        if not shutil.which(compiler):
            continue
        for standard in ("c99", "c11", "gnu17"):
            done = subprocess.run([compiler, f"-std={standard}", "-Wall", "-Wextra", "-pedantic",
                                   "-Wundef", "-Wstrict-prototypes", "-fsyntax-only", source,
                                   *flags("--cflags")], capture_output=True, text=True, check=False)
            equal((done.returncode, done.stderr), (0, ""), f"result of {compiler} {standard}")


def test_each_call_has_a_manual_page(world):
    header = one(TREE.name, "xsock.h").read_text()
    manual = one(TREE.name, "xsock_listen.3").parent
    exported = subprocess.run(["nm", "-D", "--defined-only", one(TREE.name, "libxsock.so")],
                              check=True, capture_output=True, text=True).stdout
    calls = {line.split()[-1].split("@")[0] for line in exported.splitlines()
             if line.split()[-2] == "T"}
    equal(len(calls) > 15, True, "number of calls")
    for call in sorted(calls):
        equal(call + "(" in header, True, f"declaration of {call}")
        page = manual / (call + ".3")
        equal(page.exists(), True, f"page for {call}")
        equal(f".Nm {call}" in page.read_text(), True, f"name {call} in its page")


def test_installed_command_and_examples(world):
    done = subprocess.run([one(TREE.name, "bin/xsock"), "--version"], check=True,
                          capture_output=True, env=dict(os.environ, LD_LIBRARY_PATH=str(LIBRARIES)))
    equal(done.stdout.startswith(b"xsock "), True, "version")
    equal(one(TREE.name, "examples/echo-server.c").exists(), True, "example")


run(collect(dict(globals())), None)
