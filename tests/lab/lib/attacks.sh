# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Attackers in guest 2 (tests/hostile): honest visitors in dom0 are served by guest 1 meanwhile, in time and with the right
# bytes; and connect to what guest 2 poses as a listener. What visits were like is in the comments.

hostile=/usr/local/libexec/xsock-tests/hostile
visits=3

other_role() { if [ "$1" = grant ]; then echo map; else echo grant; fi; }

# saying COMMAND...: what it says is in /tmp/said.
saying() { "$@" >/tmp/said 2>&1 || { cat /tmp/said; return 1; }; }

# beside WHAT WORDS COMMAND...: while the attack goes on the command succeeds.
beside() {
    beside_what=$1
    : >/tmp/said
    attacker=$(guest_bg 2 "exec $hostile $2 2>&1")
    shift 2
    if job_wait_out "$attacker" 40 attacking; then
        try "$beside_what" saying "$@"
        diag "$(tail -n 1 /tmp/said)"
    else
        not_ok "$beside_what: it began"
        diag "$(job_out "$attacker")"
    fi
    job_kill "$attacker" TERM
    job_wait "$attacker" 20 || job_kill "$attacker" KILL
}

# The time to the first byte in us, and MB/s, as the visitor said.
visit_figures() { sed -n 's/^visits=.* p50_us=\([0-9]*\) .*mb_s=\([0-9.]*\) .*/\1 \2/p' /tmp/said; }

# visits_beside NAME ROLE: and just before, as the machine below changes.
visits_beside() {
    visitor=$(other_role "$2")
    saying "$hostile" visit "$victim" "$visitor" $visits >/dev/null || not_ok "$1, before the attack: $(cat /tmp/said)"
    calm=$(visit_figures)
    beside "$1, the attacker ${2}s" "attack $1 $victim $2" "$hostile" visit "$victim" "$visitor" $visits
    echo "$1 $calm $(visit_figures)" >>/tmp/visits
}

# spread COLUMN OF: one column of those by another.
spread() {
    awk -v column="$1" -v of="$2" 'NF == 5 && $of > 0 { print $column / $of, $1 }' /tmp/visits | sort -n | awk '
        { ratio[NR] = $1; name[NR] = $2 }
        END {
            printf "%.2f in the middle, %.2f (%s) to %.2f (%s)", ratio[int((NR + 1) / 2)], ratio[1], name[1],
                ratio[NR], name[NR]
        }'
}

# attack NAME PLAYS ROLE
attack() {
    case $2 in
    client) visits_beside "$1" "$3" ;;
    *) beside "$1, the attacker ${3}s, as a listener" "pose $1 0 trap $3" \
        "$hostile" suffer "$(guest_domid 2)/trap" "$(other_role "$3")" 5 ;;
    esac
}

# run_attacks each|both: each attack in one of its roles, by turns, or in both.
run_attacks() {
    # Who grants to strangers needs room for what they may have.
    for n in 1 2; do guest $n "echo 20000 >/sys/module/xen_gntalloc/parameters/limit"; done
    before=$(count_everything 0 1 2)
    victim=$(guest_domid 1)/victim
    server=$(GUEST_BG_TIMEOUT=1200 guest_bg 1 "exec $hostile serve victim 2>&1")
    job_wait_out "$server" 40 listening
    try "not attacked" saying "$hostile" visit "$victim" grant $visits
    diag "$(tail -n 1 /tmp/said)"
    "$hostile" list >/tmp/attacks
    turn=0
    # What runs in guests may read its input.
    while read -r name plays roles <&3; do
        turn=$((1 - turn))
        [ "$1" = both ] || [ $turn = 0 ] || roles=${roles% *}
        [ "$1" = both ] || [ $turn = 1 ] || roles=${roles#* }
        for role in $roles; do attack "$name" "$plays" "$role"; done
    done 3</tmp/attacks
    diag "attacked/not attacked, $(grep -c ' .* .* .* ' /tmp/visits) attacks: time to a visit's first byte $(spread 4 2)"
    diag "attacked/not attacked, throughput: $(spread 5 3)"
    rm -f /tmp/attacks /tmp/said /tmp/visits
    job_kill "$server" TERM
    try "the server lived through all, and holds nothing more than at first" job_wait "$server" 20
    diag "$(job_out "$server" | tail -n 3)"
    # What killed processes of the attackers' domain left, its next one takes away.
    guest 2 "$hostile sweep"
    check_nothing_left "$before" 0 1 2
}
