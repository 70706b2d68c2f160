# SPDX-License-Identifier: LGPL-2.1-or-later
"""xsock stat: what it shows of living processes, and that none can mislead it about others."""
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

from support import CONNECTOR, LIMIT, LISTENER, collect, equal, finish, run

COMMAND, FORKER, STATIC_FORKER, LIAR, PAGES = map(os.path.abspath, sys.argv[1:6])
LAUNCHER = os.path.abspath(sys.argv[6]) if len(sys.argv) > 6 else None
USAGE = 1


def stat(world, *arguments, domain=LISTENER):
    process = world.start(domain, [COMMAND, "stat", "-i", "0.01", "-c", "1", *arguments])
    return finish(process, 0).decode()


def look(world, *arguments, domain=LISTENER):
    return json.loads(stat(world, "--json", *arguments, domain=domain))


def until(condition):
    deadline = time.monotonic() + LIMIT
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError("it did not come so far in time")
    return result


def started(world, domain, *arguments):
    """A program that prints a line when it is ready."""
    process = world.start(domain, list(arguments), stdin=subprocess.PIPE)
    return process, process.stdout.readline().decode().strip()


def feed(fd, data):
    with contextlib.suppress(BrokenPipeError):
        while data:
            data = data[os.write(fd, data):]


def listeners(found):
    return sorted((entry["pid"], entry["service"]) for entry in found["listeners"])


def test_nobody(world):
    found = look(world)
    equal((found["platform"], found["listeners"], found["connections"]), ("local", [], []), "what is shown")
    (world.path / "elsewhere").mkdir()
    environment = dict(world.environment(LISTENER), XSOCK_LOCAL_DIR=str(world.path / "elsewhere/world"))
    subprocess.run([COMMAND, "stat"], env=environment, check=True, stdout=subprocess.DEVNULL)
    equal(os.listdir(world.path / "elsewhere"), [], "what it made")
    equal(stat(world).split()[:2], ["PID", "COMMAND"], "table")


def test_begun_before_anybody_came(world):
    (world.path / "world").rmdir()
    process = world.start(LISTENER, [COMMAND, "stat", "--json", "-i", "0.05"])
    equal(json.loads(process.stdout.readline())["listeners"], [], "listeners at first")
    receiver = world.recv("late")
    until(lambda: listeners(json.loads(process.stdout.readline())) == [(receiver.pid, "late")])


def test_both_ends_of_a_full_connection(world):
    receiver = world.recv("data")
    sender = world.send("--ring=64k", "1/data", stdin=subprocess.PIPE)

    def full():
        ends = {entry["pid"]: entry for entry in look(world, "--all")["connections"]}
        if len(ends) == 2 and ends[sender.pid]["stalls"] > 0 and ends[sender.pid]["waits"] > 0:
            return ends
        return None

    # More than all pipes and rings hold.
    feeder = threading.Thread(target=feed, args=(sender.stdin.fileno(), bytes(1 << 20)))
    feeder.start()
    until(full)
    # Nobody reads the receiver's pipe, so both stand still by now.
    ends = until(full)
    out, into = ends[sender.pid], ends[receiver.pid]
    for end, peer, way in ((out, LISTENER, "send"), (into, CONNECTOR, "recv")):
        equal((end["command"], end["peer"], end["service"], end["way"], end["state"]),
              ("xsock", peer, "data", way, "open"), "end")
    equal(sorted((out["role"], into["role"])), ["grant", "map"], "roles")
    equal(out["send"]["ring"], 65536, "ring")
    equal(into["receive"]["ring"], 65536, "ring at the other end")
    equal((out["receive"]["ring"], into["send"]["ring"]), (0, 0), "rings that are not there")
    equal(out["send"]["bytes"] > 65536, True, "bytes")
    equal(0 < out["send"]["in_ring"] <= 65536, True, "bytes in the ring")
    equal([entry["pid"] for entry in look(world)["connections"]], [receiver.pid], "one domain's")
    equal([entry["pid"] for entry in look(world, domain=CONNECTOR)["connections"]], [sender.pid],
          "the other's")
    row = [line for line in stat(world, "--all").splitlines() if "1/data" in line]
    equal((len(row), row[0].split()[0], " open" in row[0]), (1, str(sender.pid), True), "row")
    sender.kill()
    receiver.kill()
    sender.wait()
    receiver.wait()
    feeder.join()
    equal(look(world, "--all")["connections"], [], "after their death")


def test_refusals(world):
    _, listener = started(world, LISTENER, FORKER)
    for _ in range(3):
        finish(world.send("--role=map", f"{LISTENER}/parent", world.file("in", b"x")), 3)
    found = until(lambda: [entry for entry in look(world)["listeners"] if entry["refused"] == 3])[0]
    equal((found["pid"], found["refused_by"]["clash"], sum(found["refused_by"].values()),
           found["last_refusal"], found["last_refused"]),
          (int(listener), 3, 3, "clash", CONNECTOR), "refusals")
    row = [line for line in stat(world).splitlines() if " parent " in line][0]
    equal(row.endswith(f" 3 clash, domain {CONNECTOR}"), True, row)


def test_rates(world):
    feeder = world.start(CONNECTOR, ["yes"])
    receiver = world.start(LISTENER, [COMMAND, "recv", "data"], stdout=subprocess.DEVNULL)
    sender = world.send("--wait", "1/data", stdin=feeder.stdout)
    until(lambda: [entry for entry in look(world)["connections"] if entry["receive"]["bytes"] > 0])
    lines = stat(world, "--json", "--interval=0.1", "--count=3").splitlines()
    equal(len(lines), 3, "lines")
    ends = [json.loads(line)["connections"][0] for line in lines]
    for end in ends:
        equal((end["pid"], end["receive"]["bytes_per_second"] > 1000), (receiver.pid, True),
              f"rate of {end}")
    equal(ends[0]["receive"]["bytes"] < ends[2]["receive"]["bytes"], True, "bytes go on")
    equal(sender.poll(), None, "the sender goes on")


def forked(world, program):
    process, parent = started(world, LISTENER, program)
    child = process.stdout.readline().decode().strip()
    equal(listeners(look(world)), sorted([(int(parent), "parent"), (int(child), "child")]),
          "listeners")
    finish(process, 0)
    equal(look(world)["listeners"], [], "after their end")


def test_forked(world):
    forked(world, FORKER)


def test_static(world):
    forked(world, STATIC_FORKER)


SERVER = """
import socket, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
accepted = listener.accept()[0]
accepted.sendall(accepted.recv(1))
accepted.recv(1)
"""
CLIENT = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), source_address=("127.0.0.2", 0)) as ours:
    ours.sendall(b"x")
    print(ours.recv(1), flush=True)
    sys.stdin.read()
"""


def test_tcp_programs(world):
    hosts = world.file("hosts", f"127.0.0.1 {LISTENER}\n127.0.0.2 {CONNECTOR}\n".encode())
    launch = [LAUNCHER, "--strict", "--wait=60000", f"--hosts={hosts}", sys.executable, "-c"]
    server, port = started(world, LISTENER, *launch, SERVER)
    client, answer = started(world, CONNECTOR, *launch, CLIENT, port)
    equal(answer, "b'x'", "answer")
    ends = sorted((entry["pid"], entry["peer"], entry["state"])
                  for entry in look(world, "--all")["connections"])
    equal(ends, sorted([(server.pid, CONNECTOR, "open"), (client.pid, LISTENER, "open")]), "ends")


def lie(world, how):
    receiver = world.recv("data")
    liar, _ = started(world, LISTENER, LIAR, str(world.path / "world" / f"domain-{LISTENER}"), how)
    found = until(lambda: look(world)) # it ends
    equal([entry["service"] for entry in found["listeners"] if entry["pid"] == receiver.pid],
          ["data"], "the honest one")
    return [entry for entry in found["listeners"] if entry["pid"] == liar.pid]


def test_text_of_another_process(world):
    told = lie(world, "honest")
    equal([(entry["service"], entry["accepted"], entry["refused"], entry["waiting"])
           for entry in told], [("??2J?li?", 0, 0, 0)], "the one listener that can be read")
    equal("\033" in stat(world), False, "escape in the table")


def test_nonsense(world):
    told = lie(world, "lies")
    # Of the table that is too long, what is there in front of the end may be told.
    equal([entry for entry in told if entry["service"] != "??2J?li?"], [], "told")


def test_flood(world):
    equal(len(lie(world, "flood")) <= 16, True, "bound")


def test_full_tables(world):
    equal(len(lie(world, "full")) <= 65536, True, "bound")
    equal(look(world)["unlisted"] > 0, True, "the rest is counted")


def test_wrong_usage(world):
    for arguments, text in ((["--nonsense"], "Try 'xsock stat --help'"),
                            (["x"], "'x' is one argument too many"),
                            (["-i", "0"], "interval '0' is not a number of seconds"),
                            (["-i", "nan"], "interval 'nan'"),
                            (["-c", "0"], "count '0'"), (["-c", "-1"], "count '-1'")):
        finish(world.start(1, [COMMAND, "stat", *arguments]), USAGE, message=text)
    finish(world.start(1, [COMMAND, "stat", "--platform=postal"]), 2, message="no platform is called")


def test_full_output(world):
    for arguments in ([], ["--json"]):
        with open("/dev/full", "wb") as full:
            process = world.start(1, [COMMAND, "stat", "-i", "0.01", *arguments], stdout=full)
            finish(process, 2, message="standard output: No space left")


def test_help(world):
    text = finish(world.start(1, [COMMAND, "stat", "--help"]), 0).decode()
    equal(max(len(line) for line in text.splitlines()) <= 90, True, "width")
    page = pathlib.Path(PAGES, "xsock-stat.1").read_text(encoding="utf-8")
    lacking = set(re.findall(r"--([a-z0-9-]+)", text)) - set(re.findall(r"Fl Fl ([a-z0-9-]+)", page))
    equal(sorted(lacking), [], "what xsock-stat(1) lacks")


if LAUNCHER is None:
    del test_tcp_programs
run(collect(dict(globals())), COMMAND)
