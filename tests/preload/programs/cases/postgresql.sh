# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# PostgreSQL, as a user without rights: pgbench fills its tables and runs transactions from four clients, and what a
# query gives over the connection is what it gives at the server.
needs="postgres psql pgbench setpriv"
[ "$(id -u)" != 0 ] || user=nobody
filled=

prepare() {
    transactions=$(pick 500 25)
    postgres=$(program postgres)
    psql=$(program psql)
    pgbench=$(program pgbench)
    if [ -n "$user" ]; then
        server_as="/usr/bin/setpriv --reuid $user --regid nogroup --clear-groups"
        client_as=$server_as
    fi
    at_server="-h $server_address -p $port -U postgres -d postgres"
    at_socket="$psql -XAtq -h $(directory_of "$server") -p $port -U postgres -d postgres"
    make_database
}

# The lab's guests have one that is ready.
make_database() {
    ready=/usr/local/share/xsock-tests/database
    in_server "rm -rf data; if [ -d $ready ]; then cp -a $ready data; ${user:+chown -R $user data;} else \
        $server_as ${postgres%/*}/initdb -D data -U postgres -A trust -E UTF8 --locale C --wal-segsize 1 --no-sync >/dev/null; fi"
    in_server "echo 'host all all all trust' >>data/pg_hba.conf"
}

play() {
    connections=1 to_server=0
    serve_postgresql || return
    benchmark
    table="copy (select n, md5(n::text) from generate_series(1, $(pick 200000 50000)) n) to stdout"
    same "$(in_server "$at_socket -c '$table'" | sha256sum)" \
        "$(query "$table" | sha256sum)" "a long table comes as it is at the server"
    stop INT
    check_path "$connections" "$to_server" "$(pick 7900000 1900000)"
}

serve_postgresql() {
    serve "$postgres -D data -h $server_address -p $port -k $(directory_of "$server") \
        -c fsync=off -c jit=off -c shared_buffers=16MB -c max_wal_size=8MB" || return
    # It listens before it is ready.
    wait_for 30 in_server "$at_socket -c 'select 1'" || not_ok "$about: the server is ready"
}

benchmark() {
    did "pgbench fills its tables" "$pgbench -i -I dtgp -q $at_server"
    did "pgbench runs its transactions" "$pgbench -n -c 4 -j 2 -t $transactions $at_server"
    same "$((transactions * 4))" "$(query "select count(*) from pgbench_history")" "all of them are there"
    same "t" "$(query "select (select sum(delta) from pgbench_history) = all (array[
        (select sum(abalance) from pgbench_accounts), (select sum(bbalance) from pgbench_branches),
        (select sum(tbalance) from pgbench_tellers)])")" "the sums agree"
    connections=$((connections + 7))
    # What fills the tables: 100000 lines of at least twelve bytes.
    to_server=1200000
}

query() { use "$psql -XAtq $at_server -c '$1'"; }

measure() {
    serve_postgresql || return
    [ -n "$filled" ] || use "$pgbench -i -I dtgp -q $at_server" >/dev/null
    filled=yes
    speed "reading, four clients" "-S -c 4 -j 2 $(pick '-T 3' '-t 100')"
    speed "reading, one client" "-S -c 1 $(pick '-T 3' '-t 200')"
    speed "writing, four clients" "-c 4 -j 2 $(pick '-T 3' '-t 20')"
    job_kill "$server_job" INT
    job_wait "$server_job" 20
}

# The time of pgbench's -T begins before it connects: in an emulator, where meetings take seconds, none was left.
# What its rates count begins after that.
speed() { # WHAT OPTIONS
    use "$pgbench -n $2 $at_server" >"$notes/client.out"
    figure 1/s "$(sed -n 's/^tps = \([0-9]*\).*/\1/p' "$notes/client.out")" "pgbench, $1"
    figure us "$(sed -n 's/^latency average = \([0-9]*\)\.\([0-9]*\) ms.*/\1\2/p' "$notes/client.out")" "pgbench, $1"
}
