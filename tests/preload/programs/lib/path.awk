# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Adds up a log of xsock-run, as words for a shell's eval. A connection that several processes share is one.
# "sent" and "received" went over the ring; "tcp_bytes" are both ways.

function connection() {
    if (!match($0, /[^ ]+ to [^ ]+: /))
        return $0
    return substr($0, RSTART, RLENGTH)
}

/: on the ring, domain [0-9]/ { if (!seen[connection()]++) ring++ }
/: back to TCP: / { back++; next }
/: TCP: / { tcp++ }
/: closed: / {
    words = split(substr($0, index($0, ": closed: ") + 10), word, " ")
    closed++
    sent += word[1]
    received += word[5]
    # "..., N and N over TCP"
    tcp_bytes += word[words - 4] + word[words - 2]
}
END {
    printf "ring=%d tcp=%d back=%d closed=%d ", ring, tcp, back, closed
    printf "sent=%.0f received=%.0f tcp_bytes=%.0f\n", sent, received, tcp_bytes
}
