# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# curl at nginx, which has two workers and sends files with sendfile: bodies of several sizes, many on one connection,
# several connections at once, and one the other way.
needs="nginx curl"

prepare() {
    sizes="1 20 200"
    middle=20
    in_server mkdir -p html temp
    for size in $sizes; do
        fill "$server" "html/$size" "$size"
        eval "sum_of_$size=\$(in_server 'sha256sum <html/$size')"
    done
    fill "$client" body "$middle"
    body_sum=$(in_client "sha256sum <body")
    put "$server" nginx.conf <<END
daemon off;
worker_processes 2;
pid nginx.pid;
$([ "$(in_server id -u)" != 0 ] || echo "user root;")
events { worker_connections 256; }
http {
    access_log off;
    sendfile on;
    client_body_temp_path temp/body;
    proxy_temp_path temp/proxy;
    fastcgi_temp_path temp/fastcgi;
    uwsgi_temp_path temp/uwsgi;
    scgi_temp_path temp/scgi;
    server {
        listen $server_address:$port;
        root html;
        location /temp/ { root .; dav_methods PUT; client_max_body_size 0; }
    }
}
END
}

play() {
    url=http://$server_address:$port
    connections=0 to_server=0 to_client=0
    serve "nginx -e stderr -p ./ -c nginx.conf" || return
    for size in $sizes; do download "$size"; done
    on_one_connection
    at_once
    upload
    stop QUIT
    check_path "$connections" "${to_server}000000" "${to_client}000000"
}

# moved CONNECTIONS MEGABYTES-TO-SERVER MEGABYTES-TO-CLIENT
moved() {
    connections=$((connections + $1))
    to_server=$((to_server + $2))
    to_client=$((to_client + $3))
}

download() { # SIZE
    eval "sum=\$sum_of_$1"
    did "$1 MB come" "curl -sS $url/$1 -o got"
    same "$sum" "$(in_client "sha256sum <got; rm -f got")" "as they are"
    moved 1 0 "$1"
}

on_one_connection() {
    list=
    for n in 1 2 3 4 5 6 7 8 9 10; do list="$list $url/1"; done
    did "ten bodies come on one connection" "curl -sS $list >got"
    same "$(in_server "cd html; cat 1 1 1 1 1 1 1 1 1 1 >../ten; sha256sum <../ten; rm ../ten")" \
        "$(in_client "sha256sum <got; rm -f got")" "as they are"
    moved 1 0 10
}

at_once() {
    did "four connections at once" "curl -sS --parallel --parallel-immediate \
        $url/$middle -o got1 $url/$middle -o got2 $url/$middle -o got3 $url/$middle -o got4"
    eval "sum=\$sum_of_$middle"
    same "$(for n in 1 2 3 4; do echo "$sum"; done)" \
        "$(in_client 'for n in 1 2 3 4; do sha256sum <got$n; rm -f got$n; done')" "each brings $middle MB as they are"
    moved 4 0 $((4 * middle))
}

upload() {
    did "$middle MB are taken" "curl -sS --fail -T body $url/temp/got"
    same "$body_sum" "$(in_server "sha256sum <temp/got; rm -f temp/got")" "$middle MB went as they are"
    moved 1 "$middle" 0
}

measure() {
    serve "nginx -e stderr -p ./ -c nginx.conf" || return
    speed=$(use "curl -sS -o /dev/null -w %{speed_download} http://$server_address:$port/${sizes##* }")
    figure MB/s "$((${speed%.*} / 1000000))" "curl, ${sizes##* } MB from nginx"
    job_kill "$server_job" QUIT
    job_wait "$server_job" 20
}
