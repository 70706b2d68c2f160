/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which end of a measurement between two domains this process is. */
#ifndef BENCH_ROLE_H
#define BENCH_ROLE_H

#include "peer.h"

struct role {
	struct plan plan;
	enum side side;
};

/* Exits with a sentence when the arguments are wrong. */
struct role role_from_arguments(int argc, char **argv);

#endif
