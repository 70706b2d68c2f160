# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Ends with and without the library at once: each gets the path that it can have, and strict means strict.
needs="nginx curl"
run_modes=mixed

prepare() {
    size=$(pick 20 3)
    in_server mkdir -p html temp
    fill "$server" html/file "$size"
    sum=$(in_server "sha256sum <html/file")
    put "$server" nginx.conf <<END
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path temp/body;
    proxy_temp_path temp/proxy;
    fastcgi_temp_path temp/fastcgi;
    uwsgi_temp_path temp/uwsgi;
    scgi_temp_path temp/scgi;
    server { listen $server_address:$port; root html; }
}
END
    nginx="nginx -e stderr -p ./ -c nginx.conf"
    url=http://$server_address:$port/file
}

play() {
    at_once
    absent_server
    strict_client
    strict_server
}

# One server, four clients at the same time, two of them under xsock-run.
at_once() {
    about="mixed, four clients at once"
    serve "$nginx" || return
    with_library="$client_as $xsock_run --log client.log $strict curl -sS $url"
    without="curl -sS $url"
    same "$(for n in 1 2 3 4; do echo "$sum"; done)" "$(in_client "{ $with_library | sha256sum & $without | sha256sum &
        $with_library | sha256sum & $without | sha256sum & wait; }")" "each gets what it asked for"
    wait_for 10 server_gave_up
    path_of_server
    same "2 2" "$ring $tcp" "the server had two on the ring and two on TCP"
    path_of_client
    same "2 0" "$ring $tcp" "both with the library were on the ring"
    at_least $((size * 2))000000 "$received" "theirs went over the ring: $received bytes"
    stop TERM
}

absent_server() {
    about="mixed, a client with the library"
    clean_sides
    server_under=
    serve "$nginx" || return
    same "$sum" "$(use "curl -sS $url" | sha256sum)" "it gets what it asked for"
    path_of_client
    check_no_ring client
    stop TERM
}

strict_client() {
    about="mixed, a strict client"
    clean_sides
    server_under=
    serve "$nginx" || return
    refused "$xsock_run --log client.log --strict --wait 500 curl -sS $url"
    path_of_client
    same "0 1" "$ring $tcp" "the client's log says why: $(echo "$path_log" | sed -n 's/.*: TCP: //p')"
    stop TERM
}

strict_server() {
    about="mixed, a strict server"
    clean_sides
    server_under="$xsock_run --log server.log --strict --wait 500"
    serve "$nginx" || return
    refused "curl -sS $url"
    path_of_server
    same "0 1" "$ring $tcp" "the server's log says why: $(echo "$path_log" | sed -n 's/.*: TCP: //p')"
    stop TERM
}

# refused COMMAND: it fails, and gets nothing.
refused() {
    refused_out=$(in_client "$client_as timeout 30 $1" 2>"$notes/client.err")
    refused_status=$?
    # From 100 on it is not curl that speaks.
    if [ "$refused_status" -gt 0 ] && [ "$refused_status" -lt 100 ] && [ -z "$refused_out" ]; then
        ok "$about has no connection: $(tail -n 1 "$notes/client.err")"
    else
        not_ok "$about has no connection"
        diag "status $refused_status, $(printf '%s' "$refused_out" | wc -c) bytes came"
        show_words
    fi
}
