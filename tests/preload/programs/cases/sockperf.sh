# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# sockperf: small messages there and back, each one checked by the client; one connection, then two which both ends
# wait for in each of the ways they know.
needs=sockperf

play() {
    # It does not take a port over on which a server was lately.
    port=$((port + 10))
    ping_pong recvfrom 1 "--tcp -i $server_address -p $port"
    [ "$mode" = ring ] || return
    for place in $server $client; do
        printf 'T:%s:%d\n' "$server_address" "$port" "$server_address" $((port + 1)) | put "$place" connections
    done
    for muxer in $(pick 'select poll epoll' epoll); do ping_pong "$muxer" 2 "-f connections -F $muxer"; done
}

ping_pong() { # MUXER CONNECTIONS OPTIONS
    about="sockperf, $mode, $1"
    clean_sides
    serve "sockperf server $3" || return
    did "the client ends well" "sockperf ping-pong $3 -t $(pick 1 3) --msg-size 100 --data-integrity"
    messages=$(sed -n 's/.*\[Valid Duration\].*ReceivedMessages=\([0-9]*\).*/\1/p' "$notes/client.out")
    at_least 1 "$messages" "$messages messages came back"
    same 1 "$(grep -c '# dropped messages = 0; # duplicated messages = 0; # out-of-order messages = 0' "$notes/client.out")" \
        "none was lost, doubled or out of order"
    stop INT
    check_path "$2" "$((messages * 100))" "$((messages * 100))"
}

measure() {
    port=$((port + 10))
    serve "sockperf server --tcp -i $server_address -p $port" || return
    use "sockperf ping-pong --tcp -i $server_address -p $port -t $(pick 2 5) --msg-size 64" >"$notes/client.out"
    figure ns "$(sed -n 's/.*percentile 50.000 = *\([0-9]*\)\.\([0-9]*\).*/\1\2/p' "$notes/client.out")" \
        "sockperf, half a round trip of 64 bytes"
    job_kill "$server_job" INT
    job_wait "$server_job" 20
}
