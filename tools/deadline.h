/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A point in time that a repeated wait keeps to. */
#ifndef TOOLS_DEADLINE_H
#define TOOLS_DEADLINE_H

/* That `timeout` ms from now; -1: never. */
long long time_limit_in(int timeout);

/* How many ms are left: 0 when it has passed, -1 for never. */
int time_left(long long deadline);

#endif
