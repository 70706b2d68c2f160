# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Sends log files to the host as they grow: so a boot that hangs leaves its guests' consoles behind too.

shipped_dir=/run/lab/shipped
mkdir -p "$shipped_dir"

ship_file() { # FILE
    ship_name=${1##*/}
    ship_from=$(cat "$shipped_dir/$ship_name" 2>/dev/null || echo 0)
    ship_size=$(stat -c %s "$1")
    [ "$ship_size" -gt "$ship_from" ] || return 0
    echo "$ship_size" >"$shipped_dir/$ship_name"
    tail -c "+$((ship_from + 1))" "$1" | head -c $((ship_size - ship_from)) | base64 -w 900 |
        while read -r ship_line; do report file "$ship_name $ship_line"; done
}

# Under a lock: the regular one and that at a suite's end may meet.
ship_files() {
    wait_for 20 mkdir "$shipped_dir/.lock"
    for ship_path in /var/log/xen/guest-*.log /var/log/lab/*.log; do
        [ ! -e "$ship_path" ] || ship_file "$ship_path"
    done
    rmdir "$shipped_dir/.lock"
}

ship_regularly() {
    while :; do
        sleep 2
        ship_files
    done
}
