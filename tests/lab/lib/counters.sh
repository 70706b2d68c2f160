# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What a test must not leave behind, counted.

# Nodes named xsock, and all below them, in any domain's home.
count_store_nodes() {
    xenstore-ls -f /local/domain | sed 's/ = ".*//' | grep -cE '/xsock(/|$)'
}

# count_evtchns DOMID: event-channel ports in use.
count_evtchns() { lsevtchn "$1" | grep -cE '^ *[0-9]+:'; }

# count_watches DOMID and count_nodes DOMID: as xenstored itself counts them against the domain's quota.
store_quota() { xenstore-control quota "$1" | sed -n "s/^$2 *: *//p"; }
count_watches() { store_quota "$1" watches; }
count_nodes() { store_quota "$1" nodes; }

# count_grants DOMID: pages of that domain which some domain maps now, its console and devices included. The
# hypervisor's debug key prints every domain's table; its ring is large enough for all (see Xen's line in run).
count_grants() {
    xl dmesg -c >/dev/null
    xl debug-keys g
    wait_for 10 grants_printed || return 1
    xl dmesg | awk -v domain="d$1" '
        /grant-table for remote/ { here = $5 == domain }
        here && /\(XEN\) \[0x/ { count++ }
        END { print count + 0 }'
}
grants_printed() { xl dmesg | grep -q 'gnttab_usage_print_all ] done'; }

# count_gntalloc N: pages that guest N's gntalloc has granted or still waits to free.
count_gntalloc() { guest "$1" labtool gntalloc-pages; }
