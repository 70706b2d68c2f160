# shellcheck shell=sh disable=SC2034,SC2154 # shared with the suites and case.sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two real domains: the server is in guest 1, the client in guest 2. For suites, after /lab/lab.sh.

where=lab
programs=/usr/local/libexec/xsock-tests/programs
notes=/tmp/notes
port=5201
modes=
rounds=0
mkdir -p "$notes"
# A benchmark under emulation takes its time.
GUEST_TIMEOUT=120
. "$programs/lib/case.sh"

directory_of() { echo /tmp/programs; }

# A guest's memory is its disk: what the case before left goes.
start_sides() {
    server_address=$(guest_address $server)
    xsock_run="xsock-run"
    for place in $server $client; do
        guest "$place" "rm -rf $(directory_of "$place"); mkdir -p $(directory_of "$place") /etc/xsock
            printf '%s %d\n' $(guest_address $server) $(guest_domid $server) \
                $(guest_address $client) $(guest_domid $client) >/etc/xsock/hosts
            echo 16384 >/sys/module/xen_gntalloc/parameters/limit
            chmod 666 /dev/xen/*" || return 1
    done
}

clean_sides() {
    for place in $server $client; do
        guest "$place" "cd $(directory_of "$place") && rm -f ./*.log ${user:+&& chown $user .}"
    done
}

program() { guest $server "PATH=\$PATH:\$(echo /usr/lib/postgresql/*/bin); command -v $1"; }

skip_all() { skip "$1"; }
