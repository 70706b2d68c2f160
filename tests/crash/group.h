/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One survivor, and the victims that it outlives one after another, on the local platform. */
#ifndef TESTS_CRASH_GROUP_H
#define TESTS_CRASH_GROUP_H

#include "account.h"
#include "death.h"
#include "plan.h"

#include <sys/types.h>

struct group {
	struct plan plan;
	uint64_t seed;
	struct account *account;
	char directory[40];
	pid_t survivor;
	int orders, reports;
	bool patient;
	unsigned victims;
	struct death last; /* of them */
};

/* Starts the survivor. A group whose functions return false is still to be ended. */
bool group_begin(struct group *group);
/* One victim of so many lives dies. */
enum death_result group_kill(struct group *group, const struct death *death, unsigned lives);
/* The survivor must end well, and nothing be left once each domain was used again. */
bool group_end(struct group *group);
/* A process of the domain uses the library a little: as the next user it clears away what others
 * left. */
bool group_use(unsigned domain);

#endif
