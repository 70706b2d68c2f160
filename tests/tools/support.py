# SPDX-License-Identifier: LGPL-2.1-or-later
"""Running the xsock command on the local platform, each test in a world of its own."""
import contextlib
import os
import pathlib
import select
import signal
import subprocess
import sys
import tempfile
import time
import traceback

LIMIT = 60  # seconds after which a wait is a failure, not a slow machine
LISTENER, CONNECTOR = 1, 2  # the domains of the two ends


class Skip(Exception):
    """A test cannot run here, for this reason."""


class World:
    """A directory with two domains, and the processes that were started in it."""

    def __init__(self, path, command):
        self.path = pathlib.Path(path)
        self.command = command
        self.processes = []
        (self.path / "world").mkdir(mode=0o700)
        (self.path / "files").mkdir()

    def environment(self, domain):
        return dict(os.environ, XSOCK_PLATFORM="local", XSOCK_LOCAL_DOMAIN=str(domain),
                    XSOCK_LOCAL_DIR=str(self.path / "world"))

    def start(self, domain, arguments, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(arguments, env=self.environment(domain),
                                   cwd=self.path / "files", **options)
        self.processes.append(process)
        return process

    def recv(self, *arguments, **options):
        """Starts xsock recv -v and returns when it listens."""
        process = self.start(LISTENER, [self.command, "recv", "-v", *map(str, arguments)],
                             **options)
        wait_for_line(process, b"listening")
        return process

    def send(self, *arguments, **options):
        return self.start(CONNECTOR, [self.command, "send", *map(str, arguments)], **options)

    def file(self, name, content=None):
        path = self.path / "files" / name
        if content is not None:
            path.write_bytes(content)
        return path

    def leftovers(self):
        return sorted(entry.name for entry in (self.path / "files").iterdir())

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream:
                    with contextlib.suppress(OSError):
                        stream.close()


def wait_for_line(process, text):
    """Reads standard error up to a line with `text`."""
    deadline = time.monotonic() + LIMIT
    seen = b""
    while text not in seen or not seen.endswith(b"\n"):
        if not select.select([process.stderr], [], [], deadline - time.monotonic())[0]:
            raise AssertionError(f"no {text} in time, only {seen}")
        byte = os.read(process.stderr.fileno(), 1)
        if not byte:
            raise AssertionError(f"no {text}, only {seen}")
        seen += byte
    return seen


def finish(process, status, *, message=None, data=None):
    """Waits for the end, checks exit status and a part of what was said; standard output."""
    output, errors = process.communicate(data, timeout=LIMIT)
    said = (errors or b"").decode(errors="replace")
    if process.returncode != status:
        raise AssertionError(f"{process.args}: status {process.returncode}, not {status}: {said}")
    if message is not None and message not in said:
        raise AssertionError(f"{process.args}: '{message}' is not in: {said}")
    return output


def equal(got, wanted, what="value"):
    if got != wanted:
        raise AssertionError(f"{what} is {str(got)[:300]}, not {str(wanted)[:300]}")


def pattern(size):
    """Bytes whose place can be told."""
    block = b"".join(number.to_bytes(4, "big") for number in range(size // 4 + 1))
    return block[:size]


def run(tests, command):
    """Runs functions that take a World; prints TAP."""
    # What nohup or a shell's background ignores, children would ignore, too.
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    print(f"1..{len(tests)}")
    failures = 0
    for number, (name, test) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory(prefix="xsock-test-") as path:
            world = World(path, command)
            try:
                test(world)
                print(f"ok {number} - {name}", flush=True)
            except Skip as reason:
                print(f"ok {number} - {name} # SKIP {reason}", flush=True)
            except Exception:  # whatever it is, the other tests shall run
                failures += 1
                print(f"not ok {number} - {name}")
                for line in traceback.format_exc().splitlines():
                    print(f"# {line}", flush=True)
            finally:
                world.end()
    sys.exit(failures > 0)


def collect(namespace):
    """The functions of a file whose names start with test_, in their order."""
    return [(name[5:].replace("_", " "), value) for name, value in namespace.items()
            if name.startswith("test_")]
