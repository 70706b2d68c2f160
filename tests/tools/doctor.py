# SPDX-License-Identifier: LGPL-2.1-or-later
"""xsock doctor on the local platform: it finds what is wrong, and what it says mends it."""
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import time

from support import CONNECTOR, LIMIT, LISTENER, Skip, collect, equal, finish, pattern, run

COMMAND, PAGES = map(os.path.abspath, sys.argv[1:3])
FINE, PROBLEMS, TROUBLE = 0, 1, 2


def doctor(world, status, *arguments, **options):
    process = world.start(CONNECTOR, [COMMAND, "doctor", *arguments], **options)
    return finish(process, status).decode(errors="replace")


def examine(world, status, *arguments):
    found = json.loads(doctor(world, status, "--json", *arguments))
    for name in ("problem", "warning"):
        equal(found[name + "s"], sum(check["verdict"] == name for check in found["checks"]), name)
    return found["checks"]


def bad(checks):
    return [check for check in checks if check["verdict"] != "ok"]


def one(checks, verdict, text):
    found = [check for check in checks if check["verdict"] == verdict and text in check["sentence"]]
    equal(len(found), 1, f"number of '{text}' in {checks}")
    return found[0]


def kill(process):
    process.kill()
    process.wait()


def mended(world, check):
    """Does as it was told."""
    command = check["mend"].replace("xsock ", COMMAND + " ")
    done = subprocess.run(command, shell=True, env=world.environment(CONNECTOR), check=False,
                          stdout=subprocess.PIPE)
    equal(done.returncode, 0, f"status of {command}")


def carry(world, service):
    """A transfer to a listener that is there already."""
    finish(world.send(f"{LISTENER}/{service}", world.file("in", pattern(1000))), 0)


def moving(world, service):
    """A connection that holds memory: its two ends."""
    receiver = world.recv(service)
    sender = world.send(f"{LISTENER}/{service}", stdin=subprocess.PIPE)
    sender.stdin.write(b"x")
    sender.stdin.flush()
    equal(os.read(receiver.stdout.fileno(), 1), b"x", "the first byte")
    return receiver, sender


def names(world, directory):
    return sorted(os.listdir(world.path / "world" / directory))


def test_nothing_used_yet(world):
    equal(bad(examine(world, FINE)), [], "what is wrong")


def test_missing_directory(world):
    (world.path / "world").rmdir()
    one(examine(world, FINE), "ok", "is not there")
    equal((world.path / "world").exists(), False, "it made the directory")


def test_directory_that_cannot_be(world):
    world.environment = lambda domain: dict(os.environ, XSOCK_PLATFORM="local", XSOCK_LOCAL_DOMAIN=str(domain),
                                            XSOCK_LOCAL_DIR=str(world.path / "nothing" / "here"),
                                            HOME=str(world.path))
    one(examine(world, PROBLEMS), "problem", "is not there, and cannot be made in")


def test_living_processes(world):
    moving(world, "data")
    world.recv("idle")
    checks = examine(world, FINE, "--remove")
    equal(bad(checks), [], "what is wrong")
    one(checks, "ok", "dead processes have left nothing")
    carry(world, "idle")


def test_dead_domain(world):
    kill(world.recv("data"))
    checks = examine(world, PROBLEMS)
    equal(one(checks, "problem", "1 services among them")["subject"], f"local domain {LISTENER}", "subject")
    equal(bad(examine(world, PROBLEMS)), bad(checks), "a look changes nothing")
    mended(world, one(checks, "problem", "none of its processes lives"))
    equal(bad(examine(world, FINE)), [], "what is left")
    equal(os.path.getsize(world.path / "world" / "nodes"), 0, "bytes of the store")


def test_dead_listener_beside_living(world):
    world.recv("living")
    dead = world.recv("dead")
    kill(dead)
    check = one(examine(world, PROBLEMS), "problem", "the listener of service 'dead' is dead")
    mended(world, check)
    equal(bad(examine(world, FINE)), [], "what is left")
    finish(world.send(f"{LISTENER}/dead", world.file("in", b"x")), 3, message="nobody listens")
    carry(world, "living")


def test_requests_of_the_dead(world):
    world.recv("living")
    stopped = world.recv("stopped")
    stopped.send_signal(signal.SIGSTOP)
    connector = world.send(f"{LISTENER}/stopped", world.file("in", b"x"))
    deadline = time.monotonic() + LIMIT
    store = world.path / "world" / "nodes"
    while not re.search(rb"/stopped/any/[0-9a-f]{16}", store.read_bytes()):
        equal(time.monotonic() < deadline, True, "the request came in time")
    kill(connector)
    kill(stopped)
    check = one(examine(world, PROBLEMS), "problem", "'stopped' is dead, 1 requests wait for it")
    mended(world, check)
    equal(bad(examine(world, FINE)), [], "what is left")


def test_dead_ends_beside_living(world):
    living = moving(world, "living")
    dead = moving(world, "dead")
    for process in dead:
        kill(process)
    before = names(world, "grants")
    check = one(examine(world, PROBLEMS), "warning", "dead processes left granted memory (1)")
    mended(world, check)
    equal(bad(examine(world, FINE)), [], "what is left")
    equal(len(set(before) - set(names(world, "grants"))), 1, "links that went")
    living[1].stdin.write(b"y")
    living[1].stdin.flush()
    equal(os.read(living[0].stdout.fileno(), 1), b"y", "the connection that lives")


def leave_port(world, name, age):
    path = str(world.path / "world" / "ports" / name)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as port:
        port.bind(path)
    os.utime(path, (time.time() - age,) * 2)


def test_ports(world):
    world.recv("living")
    leave_port(world, f"{LISTENER}-77-{CONNECTOR}", 100)
    leave_port(world, f"{LISTENER}-78-{CONNECTOR}", 0)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as port:
        path = str(world.path / "world" / "ports" / f"{LISTENER}-79-{CONNECTOR}")
        port.bind(path)
        os.utime(path, (time.time() - 100,) * 2)
        check = one(examine(world, FINE), "warning", "sockets of event channels (1)")
        mended(world, check)
        equal(names(world, "ports"), [f"{LISTENER}-{port}-{CONNECTOR}" for port in (78, 79)],
              "those that may live")


def test_watches(world):
    world.recv("living")
    kill(world.recv("dead"))
    check = one(examine(world, PROBLEMS), "warning", "dead processes left watches (1)")
    mended(world, check)
    equal(bad(examine(world, FINE)), [], "what is left")


def test_own_domain_comes_back(world):
    """What it says of other domains is not said of this one."""
    kill(world.recv("data"))
    environment = world.environment(LISTENER)
    for domain in (LISTENER, CONNECTOR):
        environment["XSOCK_LOCAL_DOMAIN"] = str(domain)
        done = subprocess.run([COMMAND, "doctor", "-q"], env=environment, check=False,
                              capture_output=True, text=True)
        equal((done.returncode, f"local domain {LISTENER}: " in done.stdout), (PROBLEMS, True), "result")


def test_open_directory(world):
    (world.path / "world").chmod(0o755)
    check = one(examine(world, PROBLEMS), "problem", "has mode 755")
    mended(world, check)
    equal(bad(examine(world, FINE)), [], "what is left")


def damage(world):
    (world.path / "world" / "nodes").write_bytes(b"\xff" * 8192)


def test_damaged_store(world):
    finish(world.send("1/nobody", world.file("in", b"")), 3)
    damage(world)
    checks = examine(world, PROBLEMS)
    equal(len(bad(checks)), 1, "what is wrong")
    equal([check for check in checks if "left nothing" in check["sentence"]], [], "what is not known")
    mended(world, one(checks, "problem", "is damaged; remove it"))
    equal(bad(examine(world, FINE)), [], "what is left")


def test_damaged_store_in_use(world):
    world.recv("one")
    world.recv("two")
    damage(world)
    sentence = one(examine(world, PROBLEMS), "problem", "is damaged")["sentence"]
    equal("2 processes of this user, which find nobody after that" in sentence, True, sentence)


# Anything may be in a path; the last byte is no UTF-8.
ODD = b"it's $(touch here) caf\xc3\xa9\nrm \x15 \xff"


def test_odd_paths(world):
    odd = os.path.join(os.fsencode(world.path), ODD)
    os.rename(world.path / "world", odd)
    world.environment = lambda domain: dict(os.environ, XSOCK_PLATFORM="local", XSOCK_LOCAL_DOMAIN=str(domain),
                                            XSOCK_LOCAL_DIR=os.fsdecode(odd))
    os.chmod(odd, 0o755)
    check = one(examine(world, PROBLEMS), "problem", "has mode 755")
    equal(check["subject"], odd.decode(errors="replace"), "subject")
    lines = doctor(world, PROBLEMS, "-q").splitlines()
    equal("\x15" in "".join(lines), False, "control character")
    mended(world, check)
    finish(world.send("1/nobody", world.file("in", b"")), 3)
    with open(os.path.join(odd, b"nodes"), "wb") as nodes:
        nodes.write(b"\xff" * 8192)
    mended(world, one(examine(world, PROBLEMS), "problem", "is damaged"))
    equal(bad(examine(world, FINE)), [], "what is left")
    equal(sorted(os.listdir(os.fsencode(world.path))), sorted([b"files", ODD]), "what is there")


def test_full_output(world):
    for arguments in ([], ["--json"]):
        with open("/dev/full", "wb") as full:
            finish(world.start(1, [COMMAND, "doctor", *arguments], stdout=full), TROUBLE,
                   message="standard output: No space left")


def test_few_descriptors(world):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    text = doctor(world, FINE, preexec_fn=lower)
    equal("warning  descriptors: a process of this user may have 64" in text, True, text)
    equal("mend: ulimit -n" in text, True, text)


def test_lines(world):
    kill(world.recv("data"))
    lines = doctor(world, PROBLEMS, "--quiet").splitlines()
    equal([line.split()[0] for line in lines], ["problem", "mend:", "warning", "mend:"], "lines")
    lines = doctor(world, FINE, "--remove").splitlines()
    equal({line.split()[0] for line in lines}, {"ok"}, "lines")
    equal(doctor(world, FINE, "--quiet"), "", "when all is well")


def test_no_xen(world):
    if os.path.exists("/proc/xen/capabilities"):
        raise Skip("this is a Xen domain")
    one(examine(world, PROBLEMS, "--platform=xen"), "problem", "this is no Xen domain")


def test_wrong_usage(world):
    for arguments, text in ((["--nonsense"], "Try 'xsock doctor --help'"),
                            (["x"], "'x' is one argument too many"),
                            (["--platform=postal"], "no platform is called 'postal'")):
        finish(world.start(1, [COMMAND, "doctor", *arguments]), TROUBLE, message=text)


def test_help(world):
    text = doctor(world, FINE, "--help")
    equal(max(len(line) for line in text.splitlines()) <= 90, True, "width")
    page = pathlib.Path(PAGES, "xsock-doctor.1").read_text(encoding="utf-8")
    lacking = set(re.findall(r"--([a-z0-9-]+)", text)) - set(re.findall(r"Fl Fl ([a-z0-9-]+)", page))
    equal(sorted(lacking), [], "what xsock-doctor(1) lacks")


run(collect(dict(globals())), COMMAND)
