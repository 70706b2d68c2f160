# shellcheck shell=sh disable=SC2034,SC2154
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# redis: fifty clients with pipelines of sixteen, and values that come back as they were set.
needs="redis-server redis-benchmark redis-cli"

prepare() {
    requests=$(pick 200000 3200)
    clients=50
    # Each of the benchmark's tests makes its connections anew.
    tests=$(pick "set get lpush lpop" "set get")
    in_client "head -c 3000000 /dev/urandom | base64 -w 0 >value"
    value_sum=$(in_client "sha256sum <value")
}

play() {
    at_server="-h $server_address -p $port"
    serve_redis || return
    did "the benchmark ends well" "redis-benchmark $at_server -c $clients -P 16 -n $requests -d 100 -t $(echo "$tests" | tr ' ' ,) --csv"
    for name in $(echo "$tests" | tr a-z A-Z); do
        at_least 1 "$(rate "$name")" "$name: $(rate "$name") a second"
    done
    counted
    same OK "$(use "redis-cli $at_server -x set key <value")" "a value of 4 MB is set"
    did "it comes" "redis-cli $at_server --raw get key >got"
    same "$value_sum" "$(in_client "tr -d '\n' <got >got2; sha256sum <got2; rm -f got got2")" "as it was"
    same "$(printf '1\n2\n3')" "$(use "redis-cli $at_server -r 3 incr number")" "numbers are counted"
    stop TERM
    check_path $clients $((requests * 100 + 4000000)) $((requests * 100 + 4000000))
}

serve_redis() {
    serve "redis-server --bind $server_address --port $port --protected-mode no --save '' --appendonly no"
}

counted() {
    commands=$(use "redis-cli $at_server info commandstats")
    for name in $tests; do
        same "$requests" "$(echo "$commands" | sed -n "s/^cmdstat_$name:calls=\([0-9]*\),.*/\1/p")" \
            "the server counts as many calls: $name"
    done
}

rate() { sed -n "s/^\"$1\",\"\([0-9]*\)[.0-9]*\".*/\1/p" "$notes/client.out"; }

# Its fifth column is the median in milliseconds.
median() { sed -n "s/^\"$1\",\(\"[0-9.]*\",\)\{3\}\"\([0-9]*\)\.\([0-9]*\)\".*/\2\3/p" "$notes/client.out"; }

measure() {
    serve_redis || return
    # The time that the meetings take is in the rates, and not in the medians.
    crowd=$(pick 50 10)
    speed "$crowd clients, pipelines of 16" "-c $crowd -P 16 -n $(pick 200000 3200)"
    speed "$crowd clients" "-c $crowd -n $(pick 50000 600)"
    speed "one client" "-c 1 -n $(pick 20000 200)"
    job_kill "$server_job" TERM
    job_wait "$server_job" 20
}

speed() { # WHAT OPTIONS
    use "redis-benchmark -h $server_address -p $port -d 100 -t set --csv $2" >"$notes/client.out"
    figure 1/s "$(rate SET)" "redis SET, $1"
    figure us "$(median SET)" "redis SET, $1"
}
