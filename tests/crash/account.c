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
