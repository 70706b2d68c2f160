# SPDX-License-Identifier: LGPL-2.1-or-later
"""The examples do what they say."""
import contextlib
import os
import select
import subprocess
import sys
import time

from support import CONNECTOR, LIMIT, LISTENER, collect, equal, finish, pattern, run

HELLO, SENDER, RECEIVER, ECHO_SERVER, ECHO_CLIENT, FLOODER = map(os.path.abspath, sys.argv[1:7])
CLIENTS = 20


def connect(world, program, address, data):
    """Runs a connecting program again until its listener is there. Returns its output."""
    deadline = time.monotonic() + LIMIT
    while True:
        process = world.start(CONNECTOR, [program, address], stdin=subprocess.PIPE)
        output, errors = process.communicate(data, timeout=LIMIT)
        if process.returncode == 0:
            return output
        if time.monotonic() > deadline:
            raise AssertionError(errors)


def test_hello(world):
    listener = world.start(LISTENER, [HELLO])
    connect(world, HELLO, "1/hello", None)
    equal(finish(listener, 0), b"Hello from another domain!\n", "greeting")


def test_hello_without_listener(world):
    finish(world.start(CONNECTOR, [HELLO, "1/hello"]), 1, message="hello: ")


def test_sender_to_receiver(world):
    content = pattern(3 << 20)
    receiver = world.start(LISTENER, [RECEIVER, "data"], stdout=open(world.file("out"), "wb"))
    connect(world, SENDER, "1/data", content)
    finish(receiver, 0)
    equal(world.file("out").read_bytes() == content, True, "sameness")


def test_receiver_notices_a_sender_that_died(world):
    receiver = world.start(LISTENER, [RECEIVER, "data"], bufsize=0)
    deadline = time.monotonic() + LIMIT
    sender = None
    while not select.select([receiver.stdout], [], [], 0.02)[0]:
        equal(time.monotonic() < deadline, True, "patience")
        if sender and sender.poll() is None:
            continue  # it may yet find the listener
        sender = world.start(CONNECTOR, [SENDER, "1/data"], stdin=subprocess.PIPE, bufsize=0)
        with contextlib.suppress(BrokenPipeError):
            sender.stdin.write(pattern(40000))
    equal(len(receiver.stdout.read(1)), 1, "bytes")
    sender.kill()
    finish(receiver, 1, message="receiver: data: ")


def test_echo_for_many_clients_at_once(world):
    world.start(LISTENER, [ECHO_SERVER, "echo"])
    equal(connect(world, ECHO_CLIENT, "1/echo", b"first\n"), b"first\n", "echo")
    clients = [world.start(CONNECTOR, [ECHO_CLIENT, "1/echo"], stdin=subprocess.PIPE, bufsize=0)
               for _ in range(CLIENTS)]
    for turn in range(3):
        for number, client in enumerate(clients):
            client.stdin.write(b"%d of client %d\n" % (turn, number))
        for number, client in enumerate(clients):
            equal(client.stdout.readline(), b"%d of client %d\n" % (turn, number), "echo")
    for client in clients:
        finish(client, 0, data=b"")


def processor_time(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as status:
        fields = status.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_echo_server_waits_for_space_without_spinning(world):
    server = world.start(LISTENER, [ECHO_SERVER, "echo"])
    connect(world, ECHO_CLIENT, "1/echo", b"first\n")
    flood = world.start(CONNECTOR, [FLOODER, "1/echo"], stdin=subprocess.PIPE, bufsize=0)
    equal(flood.stdout.readline().startswith(b"full "), True, "flood")
    before = processor_time(server)
    equal(connect(world, ECHO_CLIENT, "1/echo", b"alive\n"), b"alive\n", "echo")
    with contextlib.suppress(subprocess.TimeoutExpired):
        server.wait(0.5)
    equal(server.poll(), None, "status of the server")
    equal(processor_time(server) - before < 0.3, True, "rest")
    equal(finish(flood, 0, data=b"\n"), b"same\n", "what came back")


run(collect(dict(globals())), HELLO)
