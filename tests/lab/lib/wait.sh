# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Waiting for a condition, never for a time.

# Hundredths of a second since boot.
uptime_cs() {
    local now
    read -r now _ </proc/uptime
    echo "${now%.*}${now#*.}"
}

# wait_for SECONDS COMMAND...: 0 as soon as the command succeeds, 1 when the time is over.
wait_for() {
    local end
    end=$(($(uptime_cs) + $1 * 100))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(uptime_cs)" -lt "$end" ] || return 1
        usleep 50000
    done
}
