# SPDX-License-Identifier: LGPL-2.1-or-later
"""xsock send and recv when things go wrong: the exit status says what, and no half file stays."""
import os
import signal
import subprocess
import sys

from support import CONNECTOR, LISTENER, collect, equal, finish, pattern, run

USAGE, LOCAL, CONNECT, BROKEN, DIGEST, TIMEOUT, REMOTE = range(1, 8)
COMMAND, PEER, SENDER_EXAMPLE, ECHO_CLIENT, HELLO = map(os.path.abspath, sys.argv[1:6])


def test_wrong_usage(world):
    for arguments in (["send"], ["recv"], ["nonsense"], [], ["send", "--nonsense", "1/x"],
                      ["send", "1/x", "a", "b"], ["recv", "x", "a", "b"],
                      ["send", "--role=boss", "1/x"], ["send", "--ring=1", "1/x"],
                      ["send", "--ring=65M", "1/x"], ["send", "--ring=99999999999G", "1/x"],
                      ["send", "--timeout=soon", "1/x"], ["send", "--timeout=-1", "1/x"],
                      ["send", "--timeout=nan", "1/x"], ["recv", "--allow=", "x"],
                      ["recv", "--allow=1,,2", "x"], ["recv", "--allow=1,b", "x"],
                      ["recv", "--allow=70000", "x"], ["recv", "--wait", "x"]):
        finish(world.start(CONNECTOR, [COMMAND, *arguments]), USAGE, message="xsock")


def test_bad_address_and_service_are_wrong_usage(world):
    for address in ("x", "/x", "1/", "one/x", "1/a b", "99999999999/x", "1/" + "x" * 64):
        finish(world.send(address), USAGE, message=f"xsock send: {address}: ")
    finish(world.start(LISTENER, [COMMAND, "recv", "a/b"]), USAGE, message="xsock recv: a/b: ")


def test_nobody_listens(world):
    receiver = world.recv("other")
    finish(world.send("1/data"), CONNECT, message="xsock send: 1/data: ")
    receiver.terminate()
    receiver.wait()


def test_unknown_domain(world):
    finish(world.send("77/data"), CONNECT, message="xsock send: 77/data: ")


def test_unknown_platform(world):
    finish(world.send("--platform=vmware", "1/data"), USAGE, message="vmware")


def test_service_is_taken(world):
    world.recv("data")
    finish(world.start(LISTENER, [COMMAND, "recv", "data"]), CONNECT)


def test_domain_not_allowed(world):
    world.recv("--allow=7", "data")
    finish(world.send("1/data"), CONNECT)


def test_roles_clash(world):
    receiver = world.recv("--role=map", "data")
    finish(world.send("--role=map", "1/data"), CONNECT, message="--role")
    finish(receiver, CONNECT, message="--role")


def test_time_for_a_connection_runs_out(world):
    finish(world.recv("--timeout=0.2", "data"), TIMEOUT)


def test_time_for_connecting_runs_out(world):
    receiver = world.recv("data")
    receiver.send_signal(signal.SIGSTOP)
    finish(world.send("--timeout=0.3", "1/data"), TIMEOUT)


def test_time_for_waiting_runs_out(world):
    finish(world.send("--wait", "--timeout=0.3", "1/data"), TIMEOUT)


def test_receiver_stalls(world):
    world.recv("data")  # nobody reads its standard output
    sender = world.send("--idle-timeout=0.3", "1/data", world.file("in", pattern(4 << 20)))
    finish(sender, TIMEOUT)


def test_sender_stalls(world):
    receiver = world.recv("--idle-timeout=0.3", "data", "target")
    world.send("1/data", stdin=subprocess.PIPE)
    finish(receiver, TIMEOUT)
    equal(world.leftovers(), [], "files")


def sender_dies(world, how, *options):
    world.file("target", b"old")
    receiver = world.recv(*options, "data", "target")
    sender = world.send("-v", *options, "1/data", stdin=subprocess.PIPE, bufsize=0)
    sender.stdin.write(pattern(1 << 20))  # more than pipe and ring hold: it flows
    sender.send_signal(how)
    finish(sender, -how)
    finish(receiver, BROKEN, message="xsock recv: data: ")
    equal(world.file("target").read_bytes(), b"old", "content")
    equal(world.leftovers(), ["target"], "files")


def test_sender_is_killed(world):
    sender_dies(world, signal.SIGKILL)


def test_sender_is_killed_with_digest(world):
    sender_dies(world, signal.SIGKILL, "--sha256")


def test_sender_is_interrupted(world):
    sender_dies(world, signal.SIGINT)


def test_input_fails_half_way(world):
    # The reader's own memory at address 0: opened well, and an error when read.
    receiver = world.recv("data", "target")
    finish(world.send("1/data", "/proc/self/mem"), LOCAL, message="/proc/self/mem: ")
    finish(receiver, BROKEN)
    equal(world.leftovers(), [], "files")


def test_receiver_is_killed(world):
    for options in ((), ("--sha256",)):
        receiver = world.recv(*options, "data", bufsize=0)
        sender = world.send(*options, "1/data", world.file("in", pattern(4 << 20)))
        equal(len(receiver.stdout.read(1)), 1, "bytes before the kill")
        receiver.kill()
        receiver.wait()
        finish(sender, BROKEN, message="xsock send: 1/data: ")


def test_receiver_is_killed_with_the_last_bytes_in_the_ring(world):
    receiver = world.recv("data", bufsize=0)
    receiver.send_signal(signal.SIGSTOP)
    sender = world.send("1/data", stdin=subprocess.PIPE, bufsize=0)
    receiver.send_signal(signal.SIGCONT)
    sender.stdin.write(b"a")
    equal(receiver.stdout.read(1), b"a", "byte")
    receiver.send_signal(signal.SIGSTOP)
    sender.stdin.write(b"b")
    sender.stdin.close()
    sender.stdin = None
    receiver.kill()
    finish(sender, BROKEN)


def test_receiver_is_interrupted(world):
    for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        target = world.file("target", b"old")
        receiver = world.recv("data", target)
        sender = world.send("1/data", stdin=subprocess.PIPE, bufsize=0)
        sender.stdin.write(pattern(1 << 20))
        receiver.send_signal(how)
        finish(receiver, -how)
        finish(sender, BROKEN, data=pattern(1 << 20))
        equal(target.read_bytes(), b"old", "content")
        equal(world.leftovers(), ["target"], "files")


def test_output_cannot_be_made(world):
    for path in ("no/such/directory", ".", "/proc/nothing"):
        finish(world.start(LISTENER, [COMMAND, "recv", "data", path]), LOCAL,
               message=f"xsock recv: {path}: ")


def test_output_is_full(world):
    receiver = world.recv("data", "/dev/full")
    sender = world.send("1/data", world.file("in", pattern(1 << 20)))
    finish(sender, BROKEN)
    finish(receiver, LOCAL, message="/dev/full: No space left")


def test_output_is_full_with_digest(world):
    for size in (1, 1 << 20):
        receiver = world.recv("--sha256", "data", "/dev/full")
        sender = world.send("--sha256", "1/data", world.file("in", pattern(size)))
        finish(sender, REMOTE, message="could not store")
        finish(receiver, LOCAL, message="/dev/full: No space left")


def test_reader_of_standard_output_goes_away(world):
    receiver = world.recv("data")
    receiver.stdout.close()
    receiver.stdout = None
    finish(world.send("1/data", world.file("in", pattern(1 << 20))), BROKEN)
    finish(receiver, LOCAL, message="standard output: Broken pipe")


def test_input_cannot_be_read(world):
    finish(world.send("1/data", "missing"), LOCAL, message="missing: No such file")
    finish(world.send("1/data", "."), LOCAL, message="tar")


def test_digest_on_the_sending_end_only(world):
    receiver = world.recv("data", "target")
    finish(world.send("--sha256", "1/data", world.file("in", b"x")), CONNECT, message="--sha256")
    finish(receiver, CONNECT, message="--sha256")
    equal(world.leftovers(), ["in"], "files")


def test_digest_on_the_receiving_end_only(world):
    receiver = world.recv("--sha256", "data", "target")
    finish(world.send("1/data", world.file("in", b"x")), CONNECT, message="--sha256")
    finish(receiver, CONNECT, message="--sha256")
    equal(world.leftovers(), ["in"], "files")


def test_receiver_greets_a_program_that_knows_no_digest(world):
    receiver = world.recv("--sha256", "data", "target")
    client = world.start(CONNECTOR, [ECHO_CLIENT, "1/data"], stdin=subprocess.PIPE)
    client.communicate(b"neither a header nor the answer to a greeting\n", timeout=60)
    finish(receiver, CONNECT, message="does not use --sha256")
    equal(world.leftovers(), [], "files")


def test_sender_is_not_greeted(world):
    hello = world.start(LISTENER, [HELLO])
    sender = world.send("--wait", "--timeout=1", "--sha256", "1/hello")
    finish(sender, TIMEOUT)
    equal(finish(hello, 0), b"", "data")


def peer_receives(world, behaviour, status, message):
    peer = world.start(LISTENER, [PEER, behaviour, "data"])
    sender = world.send("--wait", "--timeout=30", "--sha256", "1/data",
                        world.file("in", pattern(100000)))
    finish(sender, status, message=message)
    finish(peer, 0)


def test_verdicts(world):
    peer_receives(world, "stored", 0, "")
    peer_receives(world, "differs", DIGEST, "differs")
    peer_receives(world, "failed", REMOTE, "could not store")
    peer_receives(world, "babble", BROKEN, "verdict")
    peer_receives(world, "silent", BROKEN, "without its verdict")


def test_wrong_greeting(world):
    peer_receives(world, "greet-wrong", CONNECT, "does not use --sha256")


def peer_sends(world, behaviour, status, message):
    receiver = world.recv("--sha256", "data", "target")
    finish(world.start(CONNECTOR, [PEER, behaviour, "1/data"]), 0)
    finish(receiver, status, message=message)
    equal(world.leftovers(), [], "files")


def test_wrong_digest(world):
    peer_sends(world, "wrong-digest", DIGEST, "differs")


def test_stream_without_its_digest(world):
    peer_sends(world, "no-digest", BROKEN, "without its digest")


def test_stream_without_its_header(world):
    peer_sends(world, "no-header", BROKEN, "without the header")


def test_example_sender_to_recv(world):
    receiver = world.recv("data")
    sender = world.start(CONNECTOR, [SENDER_EXAMPLE, "1/data"], stdin=subprocess.PIPE)
    finish(sender, 0, data=b"from the example")
    equal(finish(receiver, 0), b"from the example", "data")


def test_nothing_is_said_to_a_closed_standard_output(world):
    with open("/dev/full", "wb") as full:
        process = subprocess.Popen([COMMAND, "--help"], stdout=full, stderr=subprocess.PIPE,
                                   env=os.environ)
        finish(process, LOCAL, message="No space left")


run(collect(dict(globals())), COMMAND)
