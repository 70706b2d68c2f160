# SPDX-License-Identifier: LGPL-2.1-or-later
"""xsock publish where there is no XenStore: the command line. What it publishes, the lab shows."""
import os
import pathlib
import re
import sys

from support import Skip, collect, equal, finish, run

COMMAND, PAGES = map(os.path.abspath, sys.argv[1:3])
USAGE, LOCAL = 1, 2


def publish(world, *arguments):
    return world.start(0, [COMMAND, "publish", *arguments])


def test_wrong_usage(world):
    for arguments, text in (
            (["--nonsense"], "Try 'xsock publish --help'"),
            (["10.0.0.1"], "'10.0.0.1' is not ADDRESS=DOMAIN"),
            (["10.0.0.1="], "'10.0.0.1=' is not ADDRESS=DOMAIN"),
            (["guest=1"], "'guest' is not an IPv4 or IPv6 address"),
            (["10.0.0=1"], "'10.0.0' is not an IPv4 or IPv6 address"),
            (["0.0.0.0=1"], "0.0.0.0 is no address"),
            (["127.0.0.2=1"], "127.0.0.2 is a loopback address"),
            (["::1=1"], "::1 is a loopback address"),
            (["169.254.0.1=1"], "is a link-local address"),
            (["fe80::1=1"], "is a link-local address"),
            (["224.0.0.1=1"], "is a multicast address"),
            (["ff02::1=1"], "is a multicast address"),
            (["255.255.255.255=1"], "is a reserved address"),
            (["::ffff:127.0.0.1=1"], "is a loopback address"),
            (["--own=x"], "'x' is not an IPv4 or IPv6 address"),
            (["--own=127.0.0.1"], "is a loopback address"),
            (["--backend=x"], "'x' is not a domain's number"),
            (["--backend=32752"], "'32752' is not a domain's number"),
            (["--backend=1"] * 16, "more than 15 backends"),
            (["--watch", "--dry-run"], "exclude each other"),
            (["--remove", "--list"], "exclude each other"),
            (["--remove", "10.0.0.1=1"], "go with no address"),
            (["--list", "--own=10.0.0.1"], "go with no address"),
            (["--platform=postal"], "there is no platform 'postal'"),
            (["--platform=local"], "on the platform local nothing is published: use a hosts file")):
        finish(publish(world, *arguments), USAGE, message=text)


def test_no_xenstore(world):
    if os.path.exists("/proc/xen") or os.path.exists("/var/run/xenstored"):
        raise Skip("this may be a Xen domain")
    for arguments in ([], ["--list"], ["--remove"], ["--watch"], ["-n", "10.0.0.1=1"]):
        finish(publish(world, *arguments), LOCAL, message="xsock publish: cannot reach XenStore: ")


def test_help(world):
    text = finish(publish(world, "--help"), 0).decode()
    equal(text.startswith("Usage: xsock publish"), True, "help")
    equal(max(len(line) for line in text.splitlines()) <= 90, True, "width")
    page = pathlib.Path(PAGES, "xsock-publish.1").read_text(encoding="utf-8")
    lacking = set(re.findall(r"--([a-z0-9-]+)", text)) - set(re.findall(r"Fl Fl ([a-z0-9-]+)", page))
    equal(sorted(lacking), [], "what xsock-publish(1) lacks")


run(collect(dict(globals())), COMMAND)
