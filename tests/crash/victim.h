/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The process that is killed. */
#ifndef TESTS_CRASH_VICTIM_H
#define TESTS_CRASH_VICTIM_H

#include "account.h"
#include "plan.h"

#define CRASH_SERVICE "crash"

/* Connects to the domain, or lets it connect, and lives so many lives; then ends the process. */
void victim_run(const struct plan *plan, unsigned peer, uint64_t seed, unsigned lives,
		struct account *account) __attribute__((noreturn));

#endif
