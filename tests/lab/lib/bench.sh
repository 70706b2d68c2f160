# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Measurements between two domains, by bench/end at both places.

bench_end=/usr/local/libexec/xsock-tests/end

address_at() { # PLACE
    if [ "$1" = 0 ]; then echo 10.77.0.254; else guest_address "$1"; fi
}

bench_home() { echo "$(domain_at "$1")@$(address_at "$1")"; } # PLACE

# bench_measure RECEIVER SENDER ARGUMENT...: prints the result, a line of JSON, or what failed, and gives its status.
bench_measure() {
    bench_receiver=$1 bench_sender=$2
    shift 2
    bench_arguments="--listener $(bench_home "$bench_receiver") --connector $(bench_home "$bench_sender") $*"
    bench_job=$(at_bg "$bench_receiver" "$bench_end --end listens $bench_arguments")
    bench_status=0
    at "$bench_sender" "$bench_end --end connects $bench_arguments" 2>&1 || bench_status=$?
    if [ $bench_status != 0 ]; then
        job_wait "$bench_job" 5
        job_err "$bench_job"
    fi
    job_ended "$bench_job" || job_wait "$bench_job" 10 || job_kill "$bench_job" KILL
    rm -rf "${jobs_dir:?}/$bench_job"
    return $bench_status
}
