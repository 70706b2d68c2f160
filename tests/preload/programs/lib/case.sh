# shellcheck shell=sh disable=SC2034,SC2154 # shared with the cases, with local.sh and lab.sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a case has at hand. A case is one real program: its file says what it needs and has a function `play`, which
# runs once in each mode, and may have `prepare`, which runs once before. The server runs at place 1, the client at
# place 2: two domains, emulated here (local.sh) or real (lab.sh). Commands are shell text and run in a directory of
# the place's own.
#
#   ring            both ends under xsock-run --strict: every connection must be on the ring, as its log says
#   moving          both ends under xsock-run: connections begin on TCP and move to the ring when it is there
#   absent-client   the client is not under xsock-run: plain TCP, and the server's log says why
#   absent-server   likewise the other way round
#   plain           neither is: what TCP alone does

server=1
client=2
all_modes="ring moving absent-client absent-server"
strict=--strict
# Emulated processors take their time.
if [ "$where" = lab ]; then
    all_modes="ring absent-client"
    strict="--strict --wait 30000"
fi
shown=

in_server() { at $server "cd $(directory_of "$server") && $*"; }
in_client() { at $client "cd $(directory_of "$client") && $*"; }

# Those that are not there. program NAME prints the path that one has at the places.
missing() { # PROGRAM...
    for missing_program; do
        program "$missing_program" >/dev/null || echo "$missing_program"
    done
}

# put PLACE FILE: a file there, of standard input's text.
put() {
    put_text=$(cat)
    at "$1" "cat >$(directory_of "$1")/$2 <<'END_OF_FILE'
$put_text
END_OF_FILE"
}

# fill PLACE FILE MEGABYTES: with random numbers, which emulated processors are slow to make: the same ones again and
# again, behind how often. No pipes: those are slow there, too.
fill() {
    at "$1" "cd $(directory_of "$1") && head -c 2000000 /dev/urandom >piece &&
        for n in \$(seq $(($3 / 2 + 1))); do echo \$n; cat piece; done >$2 && truncate -s ${3}000000 $2 && rm piece"
}

# pick HERE LAB: emulated processors are slow, guests small.
pick() { if [ "$where" = lab ]; then echo "$2"; else echo "$1"; fi; }

# begin CASE MODE: both sides anew.
begin() {
    mode=$2
    about="$1, $mode"
    clean_sides
    server_under="$xsock_run --log server.log"
    client_under="$xsock_run --log client.log"
    case $mode in
    ring)
        server_under="$server_under $strict"
        client_under="$client_under $strict"
        ;;
    absent-client) client_under= ;;
    absent-server) server_under= ;;
    plain) server_under='' client_under='' ;;
    esac
}

# serve COMMAND: starts the server as the mode wants it; returns when it listens.
serve() {
    serve_command="cd $(directory_of "$server") && exec $server_as $server_under $*"
    server_job=$(at_bg $server "$serve_command")
    wait_for 30 server_settled
    server_listens && return
    not_ok "$about: the server listens"
    diag "$serve_command"
    diag "$(job_out "$server_job" | head -n 5) $(job_err "$server_job" | tail -n 5)"
    return 1
}

# The kernel's word: a connection made to find out would be one too many in the log.
server_settled() { job_ended "$server_job" || server_listens; }
server_listens() {
    in_server cat /proc/net/tcp | grep -qE "^ *[0-9]+: [0-9A-F]+:$(printf %04X "$port") [0-9A-F]+:0000 0A "
}

# stop SIGNAL: ends the server, which must end well.
stop() {
    job_kill "$server_job" "$1"
    server_ends
}

server_ends() {
    job_wait "$server_job" 20
    is 0 $? "$about: the server ends well"
}

# use COMMAND: the client's program as the mode wants it; what it prints.
use() { in_client "$client_as $client_under $*" 2>"$notes/client.err"; }

# did DESCRIPTION COMMAND: `use`, as a test; shows what was said when it fails.
did() {
    did_what=$1
    shift
    if use "$@" >"$notes/client.out"; then
        ok "$about: $did_what"
    else
        did_status=$?
        not_ok "$about: $did_what"
        diag "status $did_status of: $*"
        show_words
        return 1
    fi
}

# Once for each mode: the first failure tells most.
show_words() {
    [ "$shown" != "$about" ] || return 0
    shown=$about
    for show_file in "$notes/client.out" "$notes/client.err"; do
        [ ! -s "$show_file" ] || diag "client: $(tail -n 5 "$show_file")"
    done
    diag "server: $(job_err "$server_job" 2>/dev/null | tail -n 5)"
    diag "client's log: $(in_client "tail -n 8 client.log 2>/dev/null")"
    diag "server's log: $(in_server "tail -n 8 server.log 2>/dev/null")"
}

# same EXPECTED ACTUAL DESCRIPTION: nothing at all, or the SHA-256 sum of it, is never right.
same() {
    case $1 in
    "" | e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855*)
        not_ok "$about: $3"
        diag "there is nothing to compare with"
        ;;
    "$2") ok "$about: $3" ;;
    *)
        is "$1" "$2" "$about: $3"
        show_words
        ;;
    esac
}

# at_least BOUND NUMBER DESCRIPTION
at_least() {
    if [ "${2:-0}" -ge "$1" ]; then
        ok "$about: $3"
    else
        not_ok "$about: $3"
        diag "at least $1 expected, got ${2:-nothing}"
        show_words
    fi
}

# at_most BOUND NUMBER DESCRIPTION
at_most() {
    if [ "${2:-$1}" -le "$1" ]; then
        ok "$about: $3"
    else
        not_ok "$about: $3"
        diag "at most $1 expected, got $2"
        show_words
    fi
}

# path_of SIDE: sets ring, tcp, back, closed, sent, received and tcp_bytes from its log.
path_of() {
    path_log=$(at "${1}" "cat $(directory_of "$1")/$2 2>/dev/null")
    eval "$(echo "$path_log" | awk -f "$programs/lib/path.awk")"
}

path_of_server() { path_of $server server.log; }
path_of_client() { path_of $client client.log; }

# check_path CONNECTIONS TO-SERVER TO-CLIENT: how many connections there were at least, and how many bytes of payload
# went each way at least. After the client's end, while the server runs or after.
check_path() {
    case $mode in
    ring) check_ring "$@" ;;
    moving) check_moved ;;
    absent-client)
        wait_for 10 server_gave_up
        path_of_server
        check_no_ring server
        ;;
    absent-server)
        path_of_client
        check_no_ring client
        ;;
    esac
}

check_ring() {
    path_of_server
    at_least "$1" "$ring" "the server's connections were on the ring: $ring, $back of them went back"
    is "0 0" "$tcp $back" "$about: none of the server's was on TCP or went back"
    path_of_client
    at_least "$1" "$ring" "the client's connections were on the ring: $ring"
    is "0 0" "$tcp $back" "$about: none of the client's was on TCP or went back"
    at_least "$2" "$sent" "the client's bytes went over the ring: $sent, for $2 of payload"
    at_least "$3" "$received" "the server's bytes went over the ring: $received, for $3 of payload"
    # An end that closes with bytes unread may have them sent again over TCP, where nobody reads them either.
    at_most $(((sent + received) / 100)) "$tcp_bytes" "few of the client's bytes went over TCP: $tcp_bytes"
}

# A short one may well be over before.
check_moved() {
    path_of_client
    at_least 1 "$ring" "connections moved to the ring: $ring, with $((sent + received)) bytes there and $tcp_bytes over TCP"
}

server_gave_up() { path_of_server && [ "$tcp" -gt 0 ]; }

check_no_ring() { # SIDE, its counts being set
    is "0 0" "$ring $((sent + received))" "$about: nothing was on the ring, says the $1"
    at_least 1 "$tcp" "the $1's log says why: $(echo "$path_log" | sed -n 's/.*: TCP: //p' | sort | uniq -c | head -n 2 | tr -s ' \n' ' ')"
}

# run_case NAME
run_case() {
    prepare() { :; }
    user='' server_as='' client_as=''
    run_modes=$all_modes
    # shellcheck source=/dev/null
    . "$programs/cases/$1.sh"
    # shellcheck disable=SC2086 # one word a program
    lacking=$(missing $needs)
    if [ -n "$lacking" ]; then
        skip_all "not installed: $lacking"
        return
    fi
    if ! start_sides; then
        not_ok "$1: two domains can be made"
        return
    fi
    about=$1
    clean_sides
    prepare
    # shellcheck disable=SC2154 # may be given
    [ -z "$modes" ] || run_modes=$modes
    if [ "$rounds" -gt 0 ]; then run_measure "$1"; else run_modes play "$1"; fi
}

# run_modes FUNCTION NAME
run_modes() {
    for run_mode in $run_modes; do
        begin "$2" "$run_mode"
        "$1"
        job_ended "$server_job" || job_kill "$server_job" KILL
    done
}

# The ring and plain TCP in turn, so that both meet the same machine; a table of what the rounds gave.
run_measure() { # NAME
    run_modes="plain ring"
    : >"$notes/figures"
    for run_round in $(seq "$rounds"); do
        diag "round $run_round of $rounds"
        run_modes measure "$1"
    done
    diag "$(awk -f "$programs/lib/figures.awk" "$notes/figures")"
    ok "$1: measured $rounds times"
}

# figure UNIT VALUE WHAT
figure() {
    if [ "${2:-0}" = 0 ]; then
        not_ok "$about: gives a figure: $3"
        show_words
    fi
    printf '%s\t%s\t%s\t%s\n' "$mode" "$1" "${2:-0}" "$3" >>"$notes/figures"
}
