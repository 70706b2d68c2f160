# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a program of paths under callgrind: what one step of each costs."""
import dataclasses
import os
import pathlib
import subprocess
import tempfile

# Of main.c: how often each step is made, the function around one, the function at the end of a path.
ROUNDS, STEP, END = 1024, "counted", "path_ends"
COPIES = ("memcpy", "memset")  # of stand-in.c, where copies are counted by the byte
# What the C library has one of for each kind of processor (of strings, as in sentences for errors): the simplest.
ANY_PROCESSOR = "glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS,-SSSE3,-SSE4_1,-SSE4_2"
LIMIT = 100  # seconds


class Failed(Exception):
    """The program did not get to its end."""


@dataclasses.dataclass
class Cost:
    """Of one step."""
    instructions: int
    calls: int  # of the system
    copied: int  # bytes
    functions: dict = dataclasses.field(default_factory=dict)  # instructions of each

    def figures(self):
        return self.instructions, self.calls, self.copied

    def most(self, count=None):
        """The functions with most instructions."""
        return sorted(self.functions.items(), key=lambda item: -item[1])[:count]


def costs_in(line, events):
    """Of a line of a profile: behind the position, without the zeros at its end."""
    words = [int(word) for word in line.split()[1:]]
    return dict(zip(events, words + [0] * len(events)))


def read(path):
    """Instructions by function, and system calls; callgrind counts those everywhere: only what is below STEP is a step's."""
    events, functions, calls = [], {}, 0
    function = called = None
    of_call = False  # the next costs are those of a call, with all below
    for line in path.read_text(errors="replace").splitlines():
        key, _, rest = line.partition("=")
        if line.startswith("events:"):
            events = line.split()[1:]
        elif key == "fn":
            function = rest.partition("@")[0]
        elif key == "cfn":
            called = rest
        elif key == "calls":
            of_call = True
        elif line[:1].isdigit():
            found = costs_in(line, events)
            if not of_call:
                functions[function] = functions.get(function, 0) + found["Ir"]
            elif called == STEP:
                calls += found["sysCount"]
            of_call = False
    for name in COPIES:
        functions.pop(name, None)
    return functions, calls


def run(program, world, preload):
    """The program's lines, one for each profile that is left in `world`."""
    (world / "store").mkdir(mode=0o700)
    (world / "hosts").write_text("127.0.0.1 1\n127.0.0.2 1\n")
    # Meson's MALLOC_PERTURB_ fills memory.
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("XSOCK_") and name != "MALLOC_PERTURB_"}
    environment |= {"XSOCK_PLATFORM": "local", "XSOCK_LOCAL_DOMAIN": "1",
                    "XSOCK_LOCAL_DIR": str(world / "store"), "XSOCK_HOSTS": str(world / "hosts"),
                    "XSOCK_RUN_SELF": "1", "XSOCK_RUN_STRICT": "1",
                    "XSOCK_RUN_WAIT": str(LIMIT * 1000), "GLIBC_TUNABLES": ANY_PROCESSOR}
    if preload:
        environment["LD_PRELOAD"] = str(preload)
    done = subprocess.run(
        ["valgrind", "-q", "--tool=callgrind", "--collect-atstart=no", f"--toggle-collect={STEP}",
         f"--dump-after={END}", "--collect-systime=yes", "--compress-strings=no",
         "--compress-pos=no", f"--callgrind-out-file={world / 'profile'}", program],
        env=environment, capture_output=True, text=True, timeout=LIMIT, check=False)
    if done.returncode != 0:
        raise Failed(f"{program}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def built(program):
    """What its figures are good for: compiler, optimisation, processor, C library."""
    return subprocess.run([program, "--built"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def count(program, preload=None):
    """The costs of its paths by their names."""
    with tempfile.TemporaryDirectory(prefix="xsock-cost-") as directory:
        world = pathlib.Path(directory)
        costs, base = {}, 0
        for number, line in enumerate(run(program, world, preload), 1):
            group, path, copied = line.split()
            functions, calls = read(world / f"profile.{number}")
            total = sum(functions.values()) / ROUNDS
            if path == "nothing":
                base = total  # what counting itself costs
            costs[f"{group} {path}"] = Cost(
                round(total - base), round(calls / ROUNDS), int(copied),
                {name: instructions / ROUNDS for name, instructions in functions.items()})
        return costs
