# SPDX-License-Identifier: LGPL-2.1-or-later
#
# First steps of dom0 and of the guests: file systems, modules, what programs expect around them.

export PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
export LD_LIBRARY_PATH=/usr/local/lib:/usr/local/lib/x86_64-linux-gnu

mount_all() {
    mount -t proc proc /proc
    mount -t sysfs sysfs /sys
    mount -t devtmpfs dev /dev
    mkdir -p /dev/shm /dev/pts
    mount -t devpts devpts /dev/pts
    mount -t tmpfs -o mode=1777 shm /dev/shm
    mount -t tmpfs -o mode=1777,size=75% tmp /tmp
    mount -t tmpfs run /run
    ln -s /proc/self/fd /dev/fd
    ln -s /proc/self/fd/0 /dev/stdin
    ln -s /proc/self/fd/1 /dev/stdout
    ln -s /proc/self/fd/2 /dev/stderr
    mkdir -p /run/lab
    ip link set lo up
}

load_modules() {
    while read -r module; do
        insmod "/modules/$module.ko" || echo "lab: cannot load $module"
    done </modules/list
    mount -t xenfs xenfs /proc/xen
}
