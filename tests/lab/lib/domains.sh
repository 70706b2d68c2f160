# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Domains by place: 0 is dom0, 1 to 3 are the guests. For suites that do the same between any two.

at() { # PLACE COMMAND...
    at_place=$1
    shift
    if [ "$at_place" = 0 ]; then sh -c "$*"; else guest "$at_place" "$*"; fi
}

at_bg() { # PLACE COMMAND...: prints the job's id
    at_place=$1
    shift
    if [ "$at_place" = 0 ]; then bg "$*"; else guest_bg "$at_place" "$*"; fi
}

domain_at() { # PLACE
    if [ "$1" = 0 ]; then echo 0; else guest_domid "$1"; fi
}

place_name() { # PLACE
    if [ "$1" = 0 ]; then echo dom0; else echo "guest $1"; fi
}

# Everything that connections could leave behind, one line a count.
count_everything() { # PLACE...
    echo "store nodes: $(count_store_nodes)"
    for count_place; do
        count_domain=$(domain_at "$count_place")
        echo "$(place_name "$count_place") event channels: $(count_evtchns "$count_domain")"
        echo "$(place_name "$count_place") watches: $(count_watches "$count_domain")"
        echo "$(place_name "$count_place") grants mapped by others: $(count_grants "$count_domain")"
        [ "$count_place" = 0 ] || echo "$(place_name "$count_place") gntalloc pages: $(count_gntalloc "$count_place")"
    done
}

everything_is() { # COUNTS PLACE...
    everything_expected=$1
    shift
    [ "$(count_everything "$@")" = "$everything_expected" ]
}

# check_nothing_left COUNTS PLACE...: unmapping is asynchronous in Linux, so this waits for the counts to be the same.
check_nothing_left() {
    nothing_expected=$1
    shift
    if wait_for 20 everything_is "$nothing_expected" "$@"; then
        ok "nothing is left over: nodes, watches, event channels, grants"
    else
        is "$nothing_expected" "$(count_everything "$@")" "nothing is left over: nodes, watches, event channels, grants"
    fi
}
