/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ways to kill a child: after a time, or at one of its system calls, or some instructions later. */
#ifndef TESTS_CRASH_DEATH_H
#define TESTS_CRASH_DEATH_H

#include "account.h"

#include <stdbool.h>
#include <sys/types.h>

struct death {
	bool traced;
	unsigned delay; /* us; not traced */
	/* Traced: so many times it came to a system call, or back from one: 0 is the first call's
	 * beginning. */
	unsigned stop;
	unsigned instructions; /* after that */
};

enum death_result { DEATH_KILLED, DEATH_TOO_LATE, DEATH_BAD };

/* To be called first in a child that is to be traced; false where nobody may trace. */
bool death_let_trace(void);
/* Waits for the moment, notes it in the account, kills, and reaps the child. Too late: it had ended
 * well before. */
enum death_result death_come(pid_t child, const struct death *death, struct account *account);

#endif
