# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two-sided test programs (tests/contract, tests/integration): side A at one place, side B at another.

# run_sides PROGRAM PLACE-A PLACE-B SECONDS-A-SCENARIO: one result a scenario.
run_sides() {
    sides_program=/usr/local/libexec/xsock-tests/$1
    sides_a=$2 sides_b=$3 sides_limit=$4
    for sides_scenario in $("$sides_program" --list); do
        sides_job_a=$(at_bg "$sides_a" "$sides_program --side a --peer $(domain_at "$sides_b") --platform xen $sides_scenario 2>&1")
        sides_job_b=$(at_bg "$sides_b" "$sides_program --side b --peer $(domain_at "$sides_a") --platform xen $sides_scenario 2>&1")
        sides_what="$1 $sides_scenario, A in $(place_name "$sides_a"), B in $(place_name "$sides_b")"
        if job_wait "$sides_job_a" "$sides_limit" && job_wait "$sides_job_b" "$sides_limit"; then
            if job_out "$sides_job_a" | grep -q '^ok.*# SKIP'; then
                skip "$sides_what" "$(job_out "$sides_job_a" | sed -n 's/^ok.*# SKIP *//p')"
            else
                ok "$sides_what"
            fi
        else
            not_ok "$sides_what"
            diag "$(job_out "$sides_job_a"; job_out "$sides_job_b")"
            for sides_job in "$sides_job_a" "$sides_job_b"; do
                job_ended "$sides_job" || job_kill "$sides_job" KILL
            done
        fi
    done
}
