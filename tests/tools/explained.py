# SPDX-License-Identifier: LGPL-2.1-or-later
"""xsock-run --explain, and what --strict and -v make of a program that cannot be carried."""
import os
import random
import struct
import subprocess
import sys

from support import CONNECTOR, LIMIT, Skip, collect, equal, finish, run

COMMAND, MARKER = map(os.path.abspath, sys.argv[1:3])
CAN, CANNOT, FAILED = 0, 1, 125
NOBODY = 65534
HELLO = '#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n'


def start(world, *arguments, environment=None, **options):
    clean = {name: value for name, value in world.environment(CONNECTOR).items()
             if not name.startswith(("XSOCK_RUN_", "XSOCK_HOSTS", "LD_PRELOAD"))}
    clean["XSOCK_PRELOAD"] = MARKER
    process = subprocess.Popen([COMMAND, *map(str, arguments)], env={**clean, **(environment or {})},
                               cwd=world.path / "files", stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    world.processes.append(process)
    return process


def build(world, name, *flags, source=HELLO):
    path = world.file(name)
    done = subprocess.run(["cc", "-x", "c", "-o", path, "-", "-x", "none", *flags], input=source,
                          capture_output=True, text=True, check=False)
    equal((done.returncode, done.stderr), (0, ""), f"compilation of {name}")
    return path


def script(world, name, text):
    path = world.file(name, text.encode())
    path.chmod(0o755)
    return path


def explained(world, program, status, *texts, **options):
    said = finish(start(world, "--explain", program, **options), status).decode()
    for text in (f"program: {program}\n", *texts):
        if text not in said:
            raise AssertionError(f"'{text}' is not in: {said}")
    equal("\n  no: " in said, status == CANNOT, f"a reason against it in {said}")
    return said


def refused(world, program, text):
    """With --strict it does not run; with -v it does, after a warning; else without a word."""
    process = start(world, "--strict", program)
    output, errors = process.communicate(timeout=LIMIT)
    equal((process.returncode, output), (FAILED, b""), "result with --strict")
    equal(f"{program}: cannot be carried: {text}".encode() in errors, True, f"{text} in {errors}")
    equal(finish(start(world, "-v", program), 0, message=f"cannot be carried: {text}"), b"hello\n",
          "output with -v")
    process = start(world, program)
    output, errors = process.communicate(timeout=LIMIT)
    equal((process.returncode, output), (0, b"hello\n"), "result")
    equal(b"cannot be carried" in errors, False, "warning")


def test_a_usual_program(world):
    program = build(world, "usual")
    explained(world, program, CAN, "it can be carried", f"library: {MARKER}", "platform: local",
              "this is domain 2")
    process = start(world, "--strict", "-v", program)
    output, errors = process.communicate(timeout=LIMIT)
    equal((process.returncode, output, b"cannot" in errors), (0, b"hello\n", False), "run of it")


def test_the_program_is_not_run(world):
    program = script(world, "program", "#!/bin/sh\ntouch was-run\n")
    explained(world, program, CAN)
    equal(world.leftovers(), ["program"], "files")


def test_found_along_the_path(world):
    build(world, "usual")
    said = finish(start(world, "--explain", "usual", "argument", "--strict",
                        environment={"PATH": f"/nowhere:{world.path}/files"}), CAN)
    equal(said.startswith(f"program: {world.path}/files/usual\n".encode()), True, "path")


def test_a_static_program(world):
    for flags in (["-static"], ["-static-pie"]):
        program = build(world, "static", *flags)
        explained(world, program, CANNOT, "no: it is statically linked", "it cannot be carried")
        refused(world, program, "it is statically linked")


def test_a_go_program(world):
    note = '__asm__(".pushsection .note.go.buildid,\\"a\\",@note\\n.long 4,4,4\\n' \
           '.asciz \\"Go\\"\\n.balign 4\\n.long 0\\n.popsection");\n'
    explained(world, build(world, "go", source=note + HELLO), CANNOT, "no: it is a Go program")
    # Others have notes, too.
    other = note.replace("Go\\", "GO\\")
    explained(world, build(world, "other", source=other + HELLO), CAN)


def test_io_uring(world):
    library = build(world, "liburing.so", "-shared", "-fPIC",
                    source="int io_uring_queue_init(void);\n"
                           "int io_uring_queue_init(void) { return 0; }\n")
    program = build(world, "rings", library, "-Wl,-rpath," + str(world.path / "files"),
                    source="int io_uring_queue_init(void);\n" +
                           HELLO.replace("return", "io_uring_queue_init(); return"))
    explained(world, program, CANNOT, "no: it uses io_uring")
    refused(world, program, "it uses io_uring")


def test_calls_that_need_tcp_are_told(world):
    program = build(world, "calls", source="#include <stdio.h>\n"
                    "int main(void) { return fdopen(0, \"r\") == NULL; }\n")
    explained(world, program, CAN, "it can call fdopen: a connection that is used so goes on over")


def test_another_c_library(world):
    program = build(world, "musl", "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1")
    explained(world, program, CANNOT, "no: it is made with another C library: its loader is "
              "/lib/ld-musl-x86_64.so.1")


def test_another_machine(world):
    program = build(world, "usual")
    content = bytearray(program.read_bytes())
    struct.pack_into("<H", content, 18, 243)  # e_machine: RISC-V
    program.write_bytes(content)
    explained(world, program, CANNOT, "no: it is made for another processor")


def test_scripts(world):
    program = build(world, "usual")
    first = script(world, "first", f"#!{program}\n")
    explained(world, first, CAN, f"it is a script that {program} runs")
    second = script(world, "second", f"#! \t{first} -x\n")
    explained(world, second, CAN, f"it is a script that {first} runs", f"that {program} runs")
    explained(world, script(world, "env", "#!/usr/bin/env usual\n"), CAN,
              f"it is a script that {program} runs",
              environment={"PATH": f"{world.path}/files:{os.environ['PATH']}"})
    explained(world, script(world, "env-s", f"#!/usr/bin/env -S A=B {program} x\n"), CAN,
              f"it is a script that {program} runs")
    static = build(world, "static", "-static")
    behind = script(world, "behind", f"#!{static}\n")
    explained(world, behind, CANNOT, f"it is a script that {static} runs",
              "no: it is statically linked")
    refused(world, behind, "it is statically linked")


def test_scripts_that_nothing_runs(world):
    for text in ("#!\n", "#!   \n", "#!/no/such/interpreter\n", "#!/usr/bin/env\n",
                 "#!/usr/bin/env no-such-program\n", "#!/tmp\n"):
        explained(world, script(world, "script", text), CANNOT, "no: it is a script that nothing")
    again = world.file("again")
    script(world, "again", f"#!{again}\n")
    explained(world, again, CANNOT, "it is a script that")


def test_what_is_no_program(world):
    for text in ("", "hello", "\x7fELF", "#"):
        explained(world, script(world, "file", text), CANNOT, "no: it is not an ELF file")


def test_a_damaged_program(world):
    program = build(world, "usual")
    content = program.read_bytes()
    chance = random.Random(1)
    for number in range(150):
        damaged = bytearray(content[:chance.choice([20, 64, 100, 1000, len(content)])])
        for _ in range(chance.choice([0, 1, 10, 200])):
            # Mostly in the headers, which lie at both ends.
            place = chance.choice([chance.randrange(min(1000, len(damaged))),
                                   chance.randrange(len(damaged)),
                                   len(damaged) - 1 - chance.randrange(min(2500, len(damaged)))])
            damaged[place] = chance.randrange(256)
        program.write_bytes(damaged)
        process = start(world, "--explain", program)
        process.communicate(timeout=LIMIT)
        equal(process.returncode in (CAN, CANNOT), True, f"status {process.returncode} of {number}")


def test_setuid_and_setgid(world):
    if os.getuid() != 0:
        raise Skip("only root can make such programs")
    program = build(world, "usual")
    for mode, what in ((0o4755, "it is setuid, to user 65534"),
                       (0o2755, "it is setgid, to group 65534")):
        os.chown(program, NOBODY, NOBODY)
        program.chmod(mode)
        explained(world, program, CANNOT, f"no: {what}", "it cannot be carried")
        refused(world, program, what)
        # To the user that runs it anyway: the loader takes the library.
        os.chown(program, 0, 0)
        program.chmod(mode)
        explained(world, program, CAN)
    os.chown(program, NOBODY, NOBODY)
    program.chmod(0o2744)  # that is no setgid program
    explained(world, program, CAN)


def test_what_the_loader_says_of_setuid(world):
    """That the above is true."""
    if os.getuid() != 0:
        raise Skip("only root can make such programs")
    program = build(world, "usual")
    finish(start(world, program), 0, message="marker: loaded")
    os.chown(program, NOBODY, NOBODY)
    program.chmod(0o4755)
    process = start(world, program)
    output, errors = process.communicate(timeout=LIMIT)
    if b"marker: loaded" in errors:
        raise Skip("set-id bits have no effect in this place")
    equal(output, b"hello\n", "output")


def test_file_capabilities(world):
    if os.getuid() != 0:
        raise Skip("only root can make such programs")
    program = build(world, "usual")
    net_raw = struct.pack("<IIIII", 0x02000001, 1 << 13, 0, 0, 0)
    try:
        os.setxattr(program, "security.capability", net_raw)
    except OSError as error:
        raise Skip(f"no file capabilities here: {error}") from error
    explained(world, program, CAN)
    # For somebody else, who must be able to come here.
    for place in (world.path, world.path / "files"):
        place.chmod(0o755)
    outside = world.path / "outside"
    outside.mkdir()
    os.chown(outside, NOBODY, NOBODY)
    if subprocess.run(["test", "-x", COMMAND, "-a", "-r", MARKER], user=NOBODY, group=NOBODY,
                      check=False).returncode:
        raise Skip("other users cannot reach the build directory")
    explained(world, program, CANNOT, "no: it has file capabilities", user=NOBODY, group=NOBODY,
              extra_groups=[], environment={"XSOCK_LOCAL_DIR": str(outside / "world")})


def test_no_library(world):
    program = build(world, "usual")
    explained(world, program, CANNOT, "no: libxsock-preload.so, which would carry it, is not",
              environment={"XSOCK_PRELOAD": "/nowhere.so"})


def test_no_platform(world):
    program = build(world, "usual")
    said = finish(start(world, "--explain", program, environment={"XSOCK_PLATFORM": "postal"}),
                  CANNOT).decode()
    equal("platform: none works here: no platform is called \"postal\"" in said, True, said)


def test_the_hosts_file_is_shown(world):
    program = build(world, "usual")
    explained(world, program, CAN, "hosts file: /nowhere (there is none)\n",
              environment={"XSOCK_HOSTS": "/nowhere"})
    hosts = world.file("hosts", b"# all\n\n 10.0.0.1 1 # one\n10.0.0.2\t2\n")
    said = finish(start(world, "--hosts=hosts", "--explain", program), CAN).decode()
    equal(f"hosts file: {hosts}\n  10.0.0.1 1 \n  10.0.0.2\t2\naddresses" in said, True, said)
    hosts.write_bytes(b"10.0.0.1 1\n10.0.0.2 two\n")
    said = finish(start(world, "--explain", program, environment={"XSOCK_HOSTS": str(hosts)}),
                  CAN).decode()
    equal(f"no: {hosts}, line 2: 'two' is not a domain's number" in said, True, said)


def own_addresses():
    """Of this machine, those that can be one domain's."""
    lines = subprocess.run(["ip", "-o", "-4", "address", "show", "scope", "global"], check=False,
                           capture_output=True, text=True).stdout.splitlines()
    return [line.split()[3].split("/")[0] for line in lines]


def test_own_addresses(world):
    try:
        addresses = own_addresses()
    except FileNotFoundError as error:
        raise Skip("no ip command here") from error
    if not addresses:
        raise Skip("this machine has no address but loopback")
    program = build(world, "usual")
    explained(world, program, CAN, f" {addresses[0]}: nobody says whose it is",
              environment={"XSOCK_HOSTS": "/nowhere"})
    for owner, text in (("2", "this domain's"), ("self", "this domain's"),
                        ("7", "said to be domain 7's, not this one's")):
        hosts = world.file("hosts", f"{addresses[0]} {owner}\n".encode())
        explained(world, program, CAN, f" {addresses[0]}: {text}\n",
                  environment={"XSOCK_HOSTS": str(hosts)})


run(collect(dict(globals())), COMMAND)
