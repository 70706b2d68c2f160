# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Results. They leave through a serial line of their own, so nothing that a program or a kernel prints can be
# taken for one; the host numbers them and writes the TAP stream.

report() { # WORD [TEXT]
    # One write a line: several processes share the line.
    printf '@%s %s\n' "$1" "$(printf '%s' "${2-}" | tr '\n' ' ')" >"${LAB_CHANNEL:-/dev/ttyS1}"
}

ok() { report ok "$*"; }

not_ok() { report not_ok "$*"; }

# skip DESCRIPTION REASON
skip() { report skip "$1 # SKIP ${2-}"; }

diag() {
    printf '%s\n' "$*" | while IFS= read -r diag_line; do report diag "$diag_line"; done
}

# is EXPECTED ACTUAL DESCRIPTION
is() {
    if [ "$1" = "$2" ]; then
        ok "$3"
    else
        not_ok "$3"
        diag "expected: $1"
        diag "     got: $2"
    fi
}

# try DESCRIPTION COMMAND...: ok when the command succeeds; what it printed is shown when not.
try() {
    try_what=$1
    shift
    if try_output=$("$@" 2>&1); then
        ok "$try_what"
    else
        try_status=$?
        not_ok "$try_what"
        diag "status $try_status of: $*"
        [ -z "$try_output" ] || diag "$try_output"
        return "$try_status"
    fi
}
