# SPDX-License-Identifier: LGPL-2.1-or-later
"""What has to be known of the machine to compare figures."""
import datetime
import os
import platform
import re
import subprocess


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            found = re.search(r"^model name\s*:\s*(.*)$", file.read(), re.M)
    except OSError:
        found = None
    return found.group(1) if found else platform.machine()


def _commit(root):
    done = subprocess.run(["git", "-C", str(root), "describe", "--always", "--dirty"], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() or "unknown"


def describe(root):
    return {
        "date": f"{datetime.datetime.now():%Y-%m-%d %H:%M}",
        "commit": _commit(root),
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)),
        "kernel": platform.release().split("-")[0],
        # Who else was there: a figure taken beside others is worth little.
        "load_before": round(os.getloadavg()[0], 2),
    }
