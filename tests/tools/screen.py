# SPDX-License-Identifier: LGPL-2.1-or-later
"""What xsock shows: progress on a terminal and nowhere else, help and version."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

from support import LIMIT, collect, equal, finish, pattern, run

COMMAND, VERSION = os.path.abspath(sys.argv[1]), sys.argv[2]
SIZE = 8 << 20


class Terminal:
    def __init__(self, columns=80):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.shown = b""

    def read(self, patience):
        if select.select([self.master], [], [], patience)[0]:
            self.shown += os.read(self.master, 65536)

    def close(self):
        os.close(self.slave)
        os.close(self.master)


def drain_slowly(stream, terminal, text):
    """Takes little from the stream at a time until the terminal shows `text`; then the rest."""
    deadline = time.monotonic() + LIMIT
    count = 0
    while not re.search(text, terminal.shown):
        if time.monotonic() > deadline:
            raise AssertionError(f"no {text} in {terminal.shown}")
        count += len(os.read(stream.fileno(), 16384))
        terminal.read(0.02)
    while block := os.read(stream.fileno(), 1 << 20):
        count += len(block)
    return count


def last_line(terminal):
    """For when the process has ended: what it wrote comes, if not at once."""
    deadline = time.monotonic() + LIMIT
    while not terminal.shown.endswith(b"\n") and time.monotonic() < deadline:
        terminal.read(0.1)
    return terminal.shown.decode().replace("\r\n", "\n").split("\r")[-1]


def test_sender_shows_bar_rate_and_time_left(world):
    terminal = Terminal()
    receiver = world.recv("data")
    sender = world.send("1/data", world.file("in", pattern(SIZE)), stderr=terminal.slave)
    count = drain_slowly(receiver.stdout, terminal,
                         rb"MiB / 8\.0 MiB +\d+% \[=*> *\] +[\d.]+ .iB/s +\d+:\d\d left")
    equal(count, SIZE, "bytes")
    finish(sender, 0)
    finish(receiver, 0)
    equal(bool(re.match(r"8\.0 MiB / 8\.0 MiB +100% \[=+\] +[\d.]+ .iB/s +in \d+:\d\d *\n$",
                        last_line(terminal))), True, f"shape of {last_line(terminal)!r}")
    for line in re.split(r"[\r\n]+", terminal.shown.decode()):
        equal(len(line) < 80, True, f"fit of {line!r}")
    terminal.close()


def test_narrow_terminal(world):
    terminal = Terminal(columns=40)
    receiver = world.recv("data")
    sender = world.send("1/data", world.file("in", pattern(SIZE)), stderr=terminal.slave)
    drain_slowly(receiver.stdout, terminal, rb"% ")
    finish(sender, 0)
    last_line(terminal)
    for line in re.split(r"[\r\n]+", terminal.shown.decode()):
        equal(len(line) < 40, True, f"fit of {line!r}")
    terminal.close()


def test_sender_of_a_pipe_shows_rate_and_time_so_far(world):
    terminal = Terminal()
    world.file("in", pattern(SIZE))
    receiver = world.recv("data")
    cat = world.start(2, ["cat", "in"])
    sender = world.send("1/data", stdin=cat.stdout, stderr=terminal.slave)
    drain_slowly(receiver.stdout, terminal, rb"iB +[\d.]+ .iB/s +\d+:\d\d so far")
    finish(sender, 0)
    terminal.close()


def test_receiver_learns_the_size_with_digest(world):
    terminal = Terminal()
    receiver = world.start(1, [COMMAND, "recv", "--sha256", "data"], stderr=terminal.slave)
    sender = world.send("--wait", "--sha256", "1/data", world.file("in", pattern(SIZE)))
    drain_slowly(receiver.stdout, terminal, rb"MiB / 8\.0 MiB .* left")
    finish(sender, 0)
    finish(receiver, 0)
    terminal.close()


def test_empty_file(world):
    terminal = Terminal()
    receiver = world.recv("data")
    finish(world.send("1/data", world.file("in", b""), stderr=terminal.slave), 0)
    finish(receiver, 0)
    equal("0 B / 0 B  100%" in last_line(terminal), True, f"shape of {terminal.shown}")
    terminal.close()


def test_message_has_a_line_of_its_own(world):
    terminal = Terminal()
    receiver = world.recv("data", bufsize=0)
    sender = world.send("1/data", world.file("in", pattern(SIZE)), stderr=terminal.slave)
    deadline = time.monotonic() + LIMIT
    while b"left" not in terminal.shown and time.monotonic() < deadline:
        os.read(receiver.stdout.fileno(), 16384)
        terminal.read(0.02)
    receiver.kill()
    equal(sender.wait(LIMIT), 4, "status")
    last_line(terminal)
    equal(bool(re.search(rb"left *\r\nxsock send: 1/data: ", terminal.shown)), True,
          f"shape of {terminal.shown}")
    terminal.close()


def test_quiet_on_a_terminal(world):
    terminal = Terminal()
    receiver = world.recv("data")
    sender = world.send("-q", "1/data", world.file("in", pattern(SIZE)), stderr=terminal.slave)
    finish(receiver, 0)
    finish(sender, 0)
    terminal.read(0)
    equal(terminal.shown, b"", "screen")
    terminal.close()


def test_quiet_where_there_is_no_terminal(world):
    receiver = world.start(1, [COMMAND, "recv", "data"])
    sender = world.send("--wait", "1/data", world.file("in", pattern(SIZE)))
    for process in (receiver, sender):
        _, errors = process.communicate(timeout=LIMIT)
        equal(errors, b"", "standard error")


def test_forced_progress(world):
    receiver = world.recv("data")
    sender = world.send("--progress", "1/data", world.file("in", pattern(SIZE)))
    finish(receiver, 0)
    finish(sender, 0, message="100%")


def test_help(world):
    for arguments in ([], ["send"], ["recv"]):
        process = subprocess.Popen([COMMAND, *arguments, "--help"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        text = finish(process, 0).decode()
        equal(text.startswith("Usage: xsock"), True, "help")
        equal(max(len(line) for line in text.splitlines()) <= 90, True, "width")


def test_version(world):
    for arguments in ([], ["send"], ["recv"]):
        process = subprocess.Popen([COMMAND, *arguments, "--version"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        equal(finish(process, 0).decode(), f"xsock {VERSION} (library {VERSION})\n", "version")


def test_manual_pages_name_each_option(world):
    pages = sys.argv[3]
    for name in ("send", "recv"):
        process = subprocess.Popen([COMMAND, name, "--help"], stdout=subprocess.PIPE)
        options = set(re.findall(r"--([a-z0-9-]+)", process.communicate()[0].decode()))
        with open(os.path.join(pages, f"xsock-{name}.1"), encoding="utf-8") as page:
            documented = set(re.findall(r"Fl Fl ([a-z0-9-]+)", page.read()))
        equal(sorted(options - documented), [], f"what xsock-{name}(1) lacks")


run(collect(dict(globals())), COMMAND)
