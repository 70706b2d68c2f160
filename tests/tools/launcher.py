# SPDX-License-Identifier: LGPL-2.1-or-later
"""xsock-run: what it makes of its options, what the program gets, and with which status all ends."""
import os
import pathlib
import re
import signal
import subprocess
import sys

from support import CONNECTOR, LIMIT, collect, equal, finish, run

COMMAND, MARKER, PRELOAD, PAGES = map(os.path.abspath, sys.argv[1:5])
VERSION = sys.argv[5]
FAILED, NOT_EXECUTABLE, NOT_FOUND = 125, 126, 127
OURS = ("XSOCK_RUN_", "XSOCK_HOSTS", "LD_PRELOAD")


def start(world, *arguments, environment=None, **options):
    """With the marker as the library."""
    clean = {name: value for name, value in world.environment(CONNECTOR).items()
             if not name.startswith(OURS)}
    clean["XSOCK_PRELOAD"] = MARKER
    # A sanitizer would have its own library be the first of all.
    clean["ASAN_OPTIONS"] = clean.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    options.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen([COMMAND, *map(str, arguments)], env={**clean, **(environment or {})},
                               cwd=world.path / "files", stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, **options)
    world.processes.append(process)
    return process


def environment_of(world, *options, environment=None):
    """Those of a program's variables that are xsock-run's business."""
    lines = finish(start(world, *options, "env", environment=environment), 0).decode().splitlines()
    pairs = dict(line.partition("=")[::2] for line in lines)
    return {name: value for name, value in pairs.items() if name.startswith(OURS)}


def program(world, name, text, mode=0o755):
    path = world.file(name, text.encode())
    path.chmod(mode)
    return path


def test_the_library_is_loaded_into_the_program(world):
    finish(start(world, "true"), 0, message="marker: loaded")
    process = start(world, "sh", "-c", "true; exec true")
    process.wait(LIMIT)
    equal(process.stderr.read().count(b"marker: loaded"), 2, "programs that loaded it")


def test_without_options_only_the_library_is_named(world):
    equal(environment_of(world), {"LD_PRELOAD": MARKER}, "environment")


def test_each_option_is_passed_on(world):
    hosts = world.file("hosts", b"10.0.0.1 1\n")
    log = world.file("log")
    equal(environment_of(world, "--verbose", "--log", "log", "--strict", "--self", "--wait", "70",
                         "--ring", "64k", "--hosts", "hosts"),
          {"LD_PRELOAD": MARKER, "XSOCK_RUN_VERBOSE": "1", "XSOCK_RUN_LOG": str(log),
           "XSOCK_RUN_STRICT": "1", "XSOCK_RUN_SELF": "1", "XSOCK_RUN_WAIT": "70",
           "XSOCK_RUN_RING": "65536", "XSOCK_HOSTS": str(hosts)}, "environment")
    equal(environment_of(world, "-v"), {"LD_PRELOAD": MARKER, "XSOCK_RUN_VERBOSE": "1"}, "-v")
    equal(environment_of(world, "--ring=64M", "--wait=0"),
          {"LD_PRELOAD": MARKER, "XSOCK_RUN_RING": str(64 << 20), "XSOCK_RUN_WAIT": "0"}, "sizes")


def test_the_log_is_appended_to(world):
    log = world.file("log", b"before\n")
    environment_of(world, "--log", "log")
    equal(log.read_bytes(), b"before\n", "log")


def test_other_preloaded_libraries_stay(world):
    for before, after in ((MARKER, MARKER), ("", MARKER), ("libother.so", f"{MARKER}:libother.so"),
                          (f"{MARKER}:libother.so", f"{MARKER}:libother.so"),
                          (f"{MARKER}x.so", f"{MARKER}:{MARKER}x.so")):
        got = environment_of(world, environment={"LD_PRELOAD": before})
        equal(got["LD_PRELOAD"], after, f"LD_PRELOAD after '{before}'")


def test_below_another_xsock_run_nothing_is_doubled(world):
    lines = finish(start(world, "-v", COMMAND, "--strict", "env"), 0).decode().splitlines()
    equal("LD_PRELOAD=" + MARKER in lines, True, "one library")
    equal({"XSOCK_RUN_VERBOSE=1", "XSOCK_RUN_STRICT=1"} <= set(lines), True, "both options")


def test_what_follows_the_program_is_its_own(world):
    process = start(world, "-v", "printf", "%s\\n", "-v", "--strict", "--explain", "--", "--help")
    equal(finish(process, 0), b"-v\n--strict\n--explain\n--\n--help\n", "arguments")
    equal(finish(start(world, "--", "echo", "-v"), 0), b"-v\n", "arguments behind --")


def test_the_program_takes_the_place_of_the_command(world):
    process = start(world, "sh", "-c", "echo $$")
    equal(int(finish(process, 0)), process.pid, "process")


def test_statuses_of_the_program(world):
    for status in (0, 1, 7, 125, 255):
        finish(start(world, "sh", "-c", f"exit {status}"), status)
    finish(start(world, "sh", "-c", "kill -TERM $$"), -signal.SIGTERM)


def test_not_found(world):
    finish(start(world, "no-such-program"), NOT_FOUND,
           message="xsock-run: no-such-program: No such file or directory")
    finish(start(world, "./no-such-program"), NOT_FOUND, message="No such file or directory")
    finish(start(world, "--strict", "no-such-program"), NOT_FOUND, message="No such file")
    finish(start(world, "--explain", "no-such-program"), NOT_FOUND, message="No such file")
    finish(start(world, ""), NOT_FOUND)


def test_not_executable(world):
    plain = program(world, "plain", "#!/bin/sh\n", mode=0o644)
    for options in ([], ["--strict"], ["-v"], ["--explain"]):
        finish(start(world, *options, plain), NOT_EXECUTABLE, message="Permission denied")
        finish(start(world, *options, "/tmp"), NOT_EXECUTABLE, message="Permission denied")


def test_wrong_usage(world):
    for arguments in ([], ["--nonsense", "true"], ["-x", "true"], ["--wait", "true"],
                      ["--wait=", "true"], ["--wait=-1", "true"], ["--wait=1s", "true"],
                      ["--wait=99999999999999999999", "true"], ["--wait=3600001", "true"],
                      ["--ring=1", "true"], ["--ring=65M", "true"], ["--ring=64kB", "true"],
                      ["--verbose=2", "true"], ["-v"], ["--explain"]):
        process = start(world, *arguments)
        finish(process, FAILED, message="Try 'xsock-run --help'")


def test_files_that_are_not_there(world):
    finish(start(world, "--hosts=missing", "true"), FAILED, message="missing: No such file")
    finish(start(world, "--log=no/log", "true"), FAILED, message="no/log: No such file")
    finish(start(world, "--log=.", "true"), FAILED, message=".: Is a directory")


def test_a_malformed_hosts_file_is_told_at_once(world):
    world.file("hosts", b"10.0.0.1 1\nten 2\n")
    finish(start(world, "--hosts=hosts", "true"), FAILED, message="line 2: 'ten' is not an IPv4")


def test_no_library(world):
    finish(start(world, "true", environment={"XSOCK_PRELOAD": "/nowhere/libxsock-preload.so"}),
           FAILED, message="/nowhere/libxsock-preload.so: No such file")


def test_a_path_that_the_loader_cannot_take(world):
    place = world.path / "a place"
    place.mkdir()
    copy = place / "library.so"
    copy.write_bytes(pathlib.Path(MARKER).read_bytes())
    finish(start(world, "true", environment={"XSOCK_PRELOAD": str(copy)}), FAILED,
           message="space or colon")


def test_the_library_of_the_build_is_found(world):
    maps = finish(start(world, "cat", "/proc/self/maps", environment={"XSOCK_PRELOAD": ""}), 0)
    equal(PRELOAD.encode() in maps, True, "the library of the build in a program")


def test_help_and_version(world):
    text = finish(start(world, "--help"), 0).decode()
    equal(text.startswith("Usage: xsock-run"), True, "help")
    equal(max(len(line) for line in text.splitlines()) <= 90, True, "width")
    equal(finish(start(world, "--version"), 0).decode(), f"xsock {VERSION} (library {VERSION})\n",
          "version")


def test_the_manual_page_names_each_option(world):
    text = finish(start(world, "--help"), 0).decode()
    options = set(re.findall(r"--([a-z0-9-]+)", text))
    page = pathlib.Path(PAGES, "xsock-run.1").read_text(encoding="utf-8")
    equal(sorted(options - set(re.findall(r"Fl Fl ([a-z0-9-]+)", page))), [], "what the page lacks")
    variables = {"XSOCK_RUN_VERBOSE", "XSOCK_RUN_LOG", "XSOCK_RUN_STRICT", "XSOCK_RUN_SELF",
                 "XSOCK_RUN_WAIT", "XSOCK_RUN_RING", "XSOCK_HOSTS", "XSOCK_PRELOAD"}
    equal(sorted(variables - set(re.findall(r"Ev (\w+)", page))), [], "variables the page lacks")


run(collect(dict(globals())), COMMAND)
