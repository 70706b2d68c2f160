/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both ends of a TCP connection, between two addresses of the loopback device. */
#ifndef COST_LOOPBACK_H
#define COST_LOOPBACK_H

void loopback_open(int ends[2]);

#endif
