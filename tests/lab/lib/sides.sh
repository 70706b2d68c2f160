# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Two-sided test programs (tests/contract, tests/integration): side A at one place, side B at another, through all
# scenarios. Each scenario has a time limit of its own, and the sides meet at its beginning.

# run_sides PROGRAM PLACE-A PLACE-B SECONDS: one result a scenario.
run_sides() {
    sides_program=/usr/local/libexec/xsock-tests/$1
    sides_a=$(at_bg "$2" "$sides_program --side a --peer $(domain_at "$3") --platform xen 2>&1")
    sides_b=$(at_bg "$3" "$sides_program --side b --peer $(domain_at "$2") --platform xen 2>&1")
    job_wait "$sides_a" "$4"
    job_wait "$sides_b" 10
    sides_where="A in $(place_name "$2"), B in $(place_name "$3")"
    # Those called local-... have nothing to show here.
    for sides_scenario in $("$sides_program" --list | grep -v '^local-'); do
        side_result "$1 $sides_scenario, $sides_where" "$sides_scenario"
    done
    for sides_job in "$sides_a" "$sides_b"; do
        job_ended "$sides_job" || job_kill "$sides_job" KILL
    done
}

# The same line from both sides; what either said about it when not.
side_result() { # DESCRIPTION SCENARIO
    side_line_a=$(side_line "$sides_a" "$2")
    side_line_b=$(side_line "$sides_b" "$2")
    case "$side_line_a/$side_line_b" in
    ok*SKIP*/ok*) skip "$1" "${side_line_a#*SKIP }" ;;
    ok*/ok*) ok "$1" ;;
    *)
        not_ok "$1"
        diag "A: ${side_line_a:-nothing}; B: ${side_line_b:-nothing}"
        diag "$(side_words "$sides_a" "$2"; side_words "$sides_b" "$2")"
        ;;
    esac
}

side_line() { # JOB SCENARIO
    job_out "$1" | grep -E "^(not )?ok [0-9]+ - $2( |\$)" | head -n 1
}

# The comments before the scenario's line, since the line before.
side_words() { # JOB SCENARIO
    job_out "$1" | awk -v name="$2" '/^#/ { words = words $0 "\n" } /^(not )?ok/ { if ($0 ~ " - " name "( |$)") print words; words = "" }'
}
