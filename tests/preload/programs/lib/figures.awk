# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A table of figures (mode, unit, value, what): the least, the median and the most of both modes, and of the ratios of
# ring to plain TCP round by round.

function sorted(values, n,    i, j, t) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && values[j - 1] > values[j]; j--) {
            t = values[j]
            values[j] = values[j - 1]
            values[j - 1] = t
        }
}

# The n values under KEY as "least median most".
function span(key, n, format,    i, v) {
    for (i = 1; i <= n; i++)
        v[i] = value[key, i]
    sorted(v, n)
    return sprintf(format " " format " " format, v[1], n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2, v[n])
}

BEGIN { FS = "\t" }

{
    what = $4 ", " $2
    if (!(what in known)) {
        known[what] = 1
        order[++whats] = what
    }
    value[what, $1, ++count[what, $1]] = $3
}

END {
    printf "%-46s %30s %30s %16s\n", "least, median and most of", "plain TCP", "ring", "ring/TCP"
    for (w = 1; w <= whats; w++) {
        what = order[w]
        n = count[what, "ring"] < count[what, "plain"] ? count[what, "ring"] : count[what, "plain"]
        if (n == 0)
            continue
        for (i = 1; i <= n; i++)
            value[what, "ratio", i] = value[what, "plain", i] > 0 ? value[what, "ring", i] / value[what, "plain", i] : 0
        printf "%-46s %30s %30s %16s\n", what, span(what SUBSEP "plain", n, "%.0f"), span(what SUBSEP "ring", n, "%.0f"),
            span(what SUBSEP "ratio", n, "%.2f")
    }
}
