/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "account.h"

#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>

struct account *account_new(void)
{
	void *account = mmap(NULL, sizeof(struct account), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (account == MAP_FAILED)
		abort();
	return account;
}

void account_free(struct account *account)
{
	munmap(account, sizeof *account);
}

void account_begin(struct account *account)
{
	atomic_store(&account->killed, 0);
	atomic_store(&account->phase, PHASE_STARTING);
	atomic_store(&account->tag, 0);
	atomic_store(&account->begun, 0);
	atomic_store(&account->done, 0);
}

const char *account_phase(const struct account *account)
{
	static const char *const names[PHASES] = { "starting", "opening", "moving", "closing" };

	return names[atomic_load(&account->phase)];
}
