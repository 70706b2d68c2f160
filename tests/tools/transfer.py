# SPDX-License-Identifier: LGPL-2.1-or-later
"""xsock send and recv: what goes in comes out."""
import os
import subprocess
import sys
import threading

from support import collect, equal, finish, pattern, run

SIZES = [0, 1, 31, 32, 33, 4095, 4096, 65536, 10 << 20]


def round_trip(world, size, *options):
    content = pattern(size)
    source, target = world.file("source", content), world.file("target")
    receiver = world.recv(*options, "data", target)
    sender = world.send(*options, "1/data", source)
    finish(sender, 0)
    finish(receiver, 0)
    equal(target.read_bytes() == content, True, f"sameness of {size} bytes")
    equal(world.leftovers(), ["source", "target"], "files")


def test_files_of_many_sizes(world):
    for size in SIZES:
        round_trip(world, size)


def test_files_of_many_sizes_with_digest(world):
    for size in SIZES:
        round_trip(world, size, "--sha256")


def test_smallest_ring(world):
    round_trip(world, 1 << 20, "--ring=4k")
    round_trip(world, 1 << 20, "--ring=4k", "--sha256")


def test_large_ring(world):
    round_trip(world, 10 << 20, "--ring=4M")


def test_ring_over_the_usual_limit(world):
    round_trip(world, 1 << 20, "--ring=32M")


def test_explicit_roles(world):
    for recv_role, send_role in (("grant", "map"), ("map", "grant"), ("auto", "grant")):
        content = pattern(100000)
        receiver = world.recv(f"--role={recv_role}", "data")
        sender = world.send(f"--role={send_role}", "1/data", world.file("in", content))
        equal(finish(receiver, 0), content, "data")
        finish(sender, 0)


def test_standard_input_and_output(world):
    content = pattern(300001)
    receiver = world.recv("data")
    sender = world.send("1/data", stdin=subprocess.PIPE)
    feeder = threading.Thread(target=sender.communicate, args=(content,))
    feeder.start()
    equal(finish(receiver, 0) == content, True, "sameness")
    feeder.join()
    equal(sender.returncode, 0, "status")


def test_dashes_are_standard_input_and_output(world):
    receiver = world.recv("data", "-")
    sender = world.send("1/data", "-", stdin=subprocess.PIPE)
    finish(sender, 0, data=b"some bytes")
    equal(finish(receiver, 0), b"some bytes", "data")


def test_standard_input_from_where_it_stands(world):
    world.file("in", b"0123456789")
    receiver = world.recv("--sha256", "data")
    with open(world.file("in"), "rb", buffering=0) as stream:
        stream.seek(4)
        sender = world.send("--sha256", "1/data", stdin=stream)
        finish(sender, 0)
    equal(finish(receiver, 0), b"456789", "data")


def test_bytes_of_a_live_pipe_arrive_at_once(world):
    receiver = world.recv("data", bufsize=0)
    sender = world.send("1/data", stdin=subprocess.PIPE, bufsize=0)
    for line in (b"first\n", b"second\n"):
        sender.stdin.write(line)
        equal(receiver.stdout.read(100), line, "line")
    finish(sender, 0, data=b"")
    finish(receiver, 0)


def test_wait_for_a_listener(world):
    sender = world.send("--wait", "--timeout=30", "1/late", stdin=subprocess.PIPE)
    receiver = world.recv("late")
    finish(sender, 0, data=b"patience")
    equal(finish(receiver, 0), b"patience", "data")


def test_keep_receives_again_and_again(world):
    receiver = world.recv("--keep", "data", bufsize=0)
    for text in (b"one", b"two", b"three"):
        finish(world.send("1/data", stdin=subprocess.PIPE), 0, data=text)
        equal(receiver.stdout.read(100), text, "data")
    receiver.terminate()
    finish(receiver, -15)


def test_keep_survives_a_sender_that_differs(world):
    receiver = world.recv("--keep", "data", bufsize=0)
    finish(world.send("--sha256", "1/data"), 3)
    finish(world.send("1/data", stdin=subprocess.PIPE), 0, data=b"right")
    equal(receiver.stdout.read(100), b"right", "data")
    receiver.terminate()
    finish(receiver, -15, message="--sha256")


def test_allowed_domain(world):
    receiver = world.recv("--allow=7,2", "data")
    finish(world.send("1/data", stdin=subprocess.PIPE), 0, data=b"let in")
    equal(finish(receiver, 0), b"let in", "data")


def test_replaced_file_keeps_its_mode_and_links(world):
    target = world.file("target", b"old")
    target.chmod(0o640)
    world.file("link").symlink_to("target")
    receiver = world.recv("data", "link")
    finish(world.send("1/data", stdin=subprocess.PIPE), 0, data=b"new")
    finish(receiver, 0)
    equal(target.read_bytes(), b"new", "content")
    equal(target.stat().st_mode & 0o7777, 0o640, "mode")
    equal(world.file("link").is_symlink(), True, "link")


def test_new_file_has_the_mode_of_the_umask(world):
    receiver = world.recv("data", "target", umask=0o027)
    finish(world.send("1/data"), 0)
    finish(receiver, 0)
    equal(world.file("target").stat().st_mode & 0o7777, 0o640, "mode")


def test_device_is_written_straight(world):
    receiver = world.recv("data", os.devnull)
    finish(world.send("1/data", stdin=subprocess.PIPE), 0, data=pattern(100000))
    finish(receiver, 0)


def test_verbose_tells_the_connection(world):
    receiver = world.recv("data")
    finish(world.send("-v", "1/data"), 0, message="connected from domain 2, platform local")
    finish(receiver, 0, message="connection from domain 2, platform local")


run(collect(dict(globals())), os.path.abspath(sys.argv[1]))
