# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Commands in guests and in the background. A job is a directory below /run/lab/jobs (tests outside the lab have it
# elsewhere) with the files out, err and, once it has ended, rc.

jobs_dir=${LAB_JOBS:-/run/lab/jobs}
mkdir -p "$jobs_dir"

guest_address() { echo "10.77.0.$1"; }

# The request, to be run by labcall: prints the job's directory.
guest_job() { # N COMMAND
    local dir
    dir=$(mktemp -d "$jobs_dir/g$1.XXXXXX")
    printf '%s\n' "$2" >"$dir/request"
    : >"$dir/out"
    echo "$dir"
}

# guest N COMMAND...: a shell command in guest N; its stdout, stderr and status. 124: not within GUEST_TIMEOUT (60 s),
# and it was killed; 255: the guest could not be reached or was lost.
guest() {
    local n=$1 dir rc
    shift
    dir=$(guest_job "$n" "$*")
    labcall "$(guest_address "$n")" "${GUEST_TIMEOUT:-60}" "$dir"
    rc=$?
    cat "$dir/out"
    cat "$dir/err" >&2
    rm -rf "$dir"
    return $rc
}

# guest_bg N COMMAND...: starts it in guest N and prints the job's id. GUEST_BG_TIMEOUT (600 s) is its longest life.
guest_bg() {
    local n=$1 dir
    shift
    dir=$(guest_job "$n" "$*")
    labtool session "$dir/caller" labcall "$(guest_address "$n")" "${GUEST_BG_TIMEOUT:-600}" "$dir" \
        </dev/null >/dev/null 2>&1 &
    echo "${dir##*/}"
}

# bg COMMAND...: the same in dom0.
bg() {
    local dir
    dir=$(mktemp -d "$jobs_dir/dom0.XXXXXX")
    : >"$dir/out"
    (
        rc=0
        labtool session "$dir/pid" sh -c "$*" >"$dir/out" 2>"$dir/err" || rc=$?
        # Atomic: whoever sees rc sees the rest.
        echo $rc >"$dir/rc.new"
        mv "$dir/rc.new" "$dir/rc"
    ) </dev/null >/dev/null 2>&1 &
    echo "${dir##*/}"
}

job_ended() { [ -e "$jobs_dir/$1/rc" ]; }

# What the job has written so far.
job_out() { cat "$jobs_dir/$1/out"; }
job_err() { cat "$jobs_dir/$1/err"; }

# job_wait ID SECONDS: the job's status; 124 when it has not ended by then (it goes on).
job_wait() {
    wait_for "$2" job_ended "$1" || return 124
    return "$(cat "$jobs_dir/$1/rc")"
}

# job_wait_out ID SECONDS TEXT: until the job has written a line with TEXT to stdout.
job_wait_out() { wait_for "$2" grep -qF -e "$3" "$jobs_dir/$1/out"; }

# job_kill ID [SIGNAL]: to the job's whole process group.
job_kill() {
    local signal=${2:-TERM} n=${1%%.*} pid
    wait_for 10 test -s "$jobs_dir/$1/pid" || return 1
    pid=$(cat "$jobs_dir/$1/pid")
    case $n in
    dom0) kill "-$signal" -- "-$pid" ;;
    g*) guest "${n#g}" "kill -$signal -- -$pid" ;;
    esac
}
guest_kill_job() { job_kill "$@"; }

# Without asking the guests: their agents kill what a caller that is gone has asked for.
kill_all_jobs() {
    local file
    for file in "$jobs_dir"/*/caller "$jobs_dir"/dom0.*/pid; do
        [ ! -s "$file" ] || job_ended "$(basename "${file%/*}")" || kill -KILL -- "-$(cat "$file")"
    done
    rm -rf "$jobs_dir"
    mkdir -p "$jobs_dir"
}
