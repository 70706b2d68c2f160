# shellcheck shell=bash disable=SC2034,SC2154 # shared with run and case.sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two emulated domains on this machine: two network namespaces with a cable between them, or, without root's rights,
# two addresses of the loopback device. `run` has put us in a process namespace of our own, if it can: then nothing
# outlives us.

where=local
LAB_CHANNEL=/dev/null
LAB_JOBS=$world/jobs
notes=$world/notes
store=$world/store
mkdir -p "$notes"
# The lab's waiting, results and jobs are these tests' as well.
. "$lab/lib/wait.sh"
. "$lab/lib/tap.sh"
. "$lab/lib/jobs.sh"

usleep() { sleep "0.$(printf %06d "$1")"; }

# labtool session FILE COMMAND...: what the lab's own program does, at the place of the job.
labtool() {
    labtool_file=$2
    shift 2
    # shellcheck disable=SC2016 # for the inner shell
    enter "$job_place" env --default-signal setsid --wait sh -c 'echo $$ >"$0.new"; mv "$0.new" "$0"; exec "$@"' \
        "$labtool_file" "$@"
}

# Numbered at the end, since some results come from subshells.
report() { # WORD [TEXT]
    case $1 in
    ok) echo "ok - ${2-}" ;;
    not_ok) echo "not ok - ${2-}" ;;
    skip) echo "ok - ${2-}" ;;
    diag) echo "# ${2-}" ;;
    esac | tee -a "$world/results"
}

skip_all() { # REASON
    echo "1..0 # SKIP $1"
    exit 0
}

directory_of() { echo "$world/$1"; }

# Both sides as new: no log, an empty store, which belongs to the one user that a world has.
clean_sides() {
    rm -rf "$store"
    mkdir -p "$world/1" "$world/2" "$store"
    chmod 700 "$store"
    rm -f "$world"/[12]/*.log
    [ -z "$user" ] || chown "$user" "$world/1" "$world/2" "$store"
}

program() { command -v "$1"; }

start_sides() {
    make_network || return 1
    printf '%s 1\n%s 2\n' "$address_of_1" "$address_of_2" >"$world/hosts"
    xsock_run="$launcher --hosts $world/hosts"
    server_address=$address_of_1
}

make_network() {
    port=5201
    keeper_1='' keeper_2=''
    if [ "$isolated" = yes ]; then
        for place in 1 2; do
            eval "address_of_$place=10.77.1.$place"
            setpriv --pdeathsig KILL unshare --net sleep infinity </dev/null >/dev/null 2>&1 &
            eval "keeper_$place=$!"
            wait_for 10 has_own_network $! || return 1
        done
        ip link add x1 netns "$keeper_1" type veth peer name x2 netns "$keeper_2" &&
            raise_network 1 "$keeper_1" && raise_network 2 "$keeper_2"
    else
        # The kernel takes 127.0.0.1 as a client's own address, whichever loopback address it calls.
        address_of_1=127.0.0.2
        address_of_2=127.0.0.1
        port=$((20000 + $$ % 10000))
    fi
}

has_own_network() { ! [ "/proc/$1/ns/net" -ef /proc/self/ns/net ]; }

raise_network() { # PLACE KEEPER
    nsenter --net="/proc/$2/ns/net" ip addr add "10.77.1.$1/24" dev "x$1" &&
        nsenter --net="/proc/$2/ns/net" ip link set "x$1" up &&
        nsenter --net="/proc/$2/ns/net" ip link set lo up
}

# enter PLACE COMMAND...
enter() {
    enter_place=$1
    eval "enter_keeper=\$keeper_$1"
    shift
    # Only nsenter's child may change: the environment is all that a domain is here.
    set -- env XSOCK_PLATFORM=local XSOCK_LOCAL_DOMAIN="$enter_place" XSOCK_LOCAL_DIR="$store" "$@"
    if [ "$isolated" = yes ]; then
        nsenter --net="/proc/$enter_keeper/ns/net" "$@"
    else
        "$@"
    fi
}

at() { # PLACE COMMAND...
    at_place=$1
    shift
    enter "$at_place" timeout -k 1 "${GUEST_TIMEOUT:-60}" sh -c "$*" </dev/null
}

at_bg() { # PLACE COMMAND...: prints the job's id
    job_place=$1
    shift
    bg "$*"
}
