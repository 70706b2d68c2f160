# SPDX-License-Identifier: LGPL-2.1-or-later
"""The measuring program, built as the library is built for its users; packages as scripts/test installs them."""
import os
import pathlib
import subprocess


class Failed(Exception):
    pass


def _setup(root, commands):
    """What the commands print is for nobody, unless they fail."""
    script = f'. "$0/scripts/setup.sh"\n{commands}'
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script, str(root)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise Failed(f"{done.stdout}cannot prepare the benchmark; see above")


def _directory(root):
    # setup.sh's rule for its directory.
    return pathlib.Path(os.environ.get("XSOCK_BUILD") or root / "build") / "bench"


def build(root):
    """The program's path."""
    _setup(root, 'install_packages "${bench_packages[@]}"\n'
                 'configure "$build/bench" -Dtests=false -Dtools=false -Dpreload=false\n'
                 'compile "$build/bench"')
    return _directory(root) / "bench" / "pair"


def stage(root):
    """What the lab's domains get."""
    _setup(root, 'install_lab_packages\nbuild=$build/bench\nstage=$build/stage\nfill_stage')
    return _directory(root) / "stage"


def install_plotter(root):
    _setup(root, 'install_packages "${plot_packages[@]}"')


def peers(pair):
    listed = subprocess.run([pair, "--list"], capture_output=True, text=True, check=True).stdout
    return [line.split()[1] for line in listed.splitlines() if line.startswith("peer ")]
