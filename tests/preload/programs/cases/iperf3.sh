# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# iperf3: to the server, to the client, and four streams at once, each beside the control connection.
needs=iperf3
[ "$where" != lab ] || run_modes="ring moving absent-client"

play() {
    amount=$(pick 300000000 20000000)
    transfer "to the server" "" 2 "$amount" 0
    transfer "to the client" -R 2 0 "$amount"
    transfer "four streams" "-P 4" 5 "$amount" 0
}

# transfer WHAT OPTIONS CONNECTIONS TO-SERVER TO-CLIENT
transfer() {
    about="iperf3, $mode, $1"
    clean_sides
    serve "iperf3 --server --one-off --bind $server_address --port $port" || return
    did "the client ends well" "iperf3 --client $server_address --port $port --bytes $amount --json $2"
    at_least "$amount" "$(moved sum_sent)" "the sender counts $(moved sum_sent) bytes"
    # iperf3 does not count what is under way when the sender has had enough: megabytes in TCP's buffers, for each stream.
    share=$(pick 5 1)
    [ "$mode" != ring ] || share=9
    at_least $((amount * share / 10)) "$(moved sum_received)" "the receiver counts $(moved sum_received) bytes"
    server_ends
    check_path "$3" $(($4 * 9 / 10)) $(($5 * 9 / 10))
}

moved() { # sum_sent or sum_received
    awk -v sum="\"$1\"" '$0 ~ sum { here = 1 } here && /"bytes"/ { gsub(/[^0-9]/, ""); print; exit }' "$notes/client.out"
}

measure() {
    seconds=3
    speed "to the server" ""
    speed "to the client" -R
    speed "four streams" "-P 4"
}

speed() { # WHAT OPTIONS
    serve "iperf3 --server --one-off --bind $server_address --port $port" || return
    use "iperf3 --client $server_address --port $port --time $seconds --json $2" >"$notes/client.out"
    figure kB/s "$(($(moved sum_received) / seconds / 1000))" "iperf3, $1"
    job_wait "$server_job" 20
}
