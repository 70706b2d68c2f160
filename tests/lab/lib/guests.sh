# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Making and destroying guests. They are numbered from 1; guest N is the domain gN at 10.77.0.N.

guests_dir=/run/lab/guests
mkdir -p "$guests_dir"

write_guest_config() { # N BOOT
    cat >"$guests_dir/g$1.cfg" <<EOF
name = "g$1"
type = "pv"
kernel = "/boot/guest-kernel"
ramdisk = "/boot/guest.img"
extra = "console=hvc0 quiet LAB_GUEST=$1 LAB_BOOT=$2"
memory = ${LAB_GUEST_MEMORY:-384}
vcpus = 1
vif = ["script=/lab/vif,bridge=xbr0,mac=00:16:3e:00:00:0$1,ip=10.77.0.$1"]
EOF
}

# guest_start N: without waiting for its answer.
guest_start() {
    uptime_cs >"$guests_dir/g$1.boot"
    write_guest_config "$1" "$(cat "$guests_dir/g$1.boot")"
    xl create -q "$guests_dir/g$1.cfg" || return 1
    xl domid "g$1" >"$guests_dir/g$1.domid"
}

guest_domid() { cat "$guests_dir/g$1.domid"; }

# On its console it says so, with this boot's name; asking over the network meanwhile would slow the boot down.
guest_booted() {
    grep -qF "guest $1 is up, boot $(cat "$guests_dir/g$1.boot")" "/var/log/xen/guest-g$1.log"
}

guest_answers() { GUEST_TIMEOUT=10 guest "$1" true; }

# guest_wait N [SECONDS]: until a started guest answers.
guest_wait() {
    wait_for "${2:-60}" guest_booted "$1" && wait_for 20 guest_answers "$1"
}

# guest_create N [SECONDS]: 0 when it answers.
guest_create() {
    guest_start "$1" && guest_wait "$1" "${2:-60}"
}

# Jobs that were running in it end with 255.
guest_destroy() {
    local job
    rm -f "$guests_dir/g$1.domid"
    xl destroy "g$1"
    for job in /run/lab/jobs/"g$1".*; do
        if [ -e "$job" ] && [ ! -e "$job/rc" ]; then
            kill -KILL -- "-$(cat "$job/caller")" 2>/dev/null
            echo 255 >"$job/rc"
        fi
    done
}

# guest_save N FILE: its jobs lose their caller, and end unless they left its session.
guest_save() {
    rm -f "$guests_dir/g$1.domid"
    xl save "g$1" "$2"
}

# guest_restore N FILE: under another number; 0 when it answers.
guest_restore() {
    xl restore "$2" && xl domid "g$1" >"$guests_dir/g$1.domid" && wait_for 20 guest_answers "$1"
}

guest_exists() { xl domid "g$1" >/dev/null 2>&1; }

# Before a suite: a guest that an earlier suite left broken is made anew.
guest_ensure() {
    guest_exists "$1" && guest_answers "$1" && return
    ! guest_exists "$1" || guest_destroy "$1"
    guest_create "$1"
}
