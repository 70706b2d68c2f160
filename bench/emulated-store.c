/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XenStore: nodes that one process writes, in transactions, and the other reads. */
#include "emulated.h"

#include "fail.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xenstore.h>

#define NODES_A_CHANNEL 4

struct node {
	char path[48];
	char value[16];
};

struct table {
	_Atomic unsigned committed;
	unsigned written, room;
	struct node nodes[];
};

static struct table *table;

void emulated_store_create(unsigned channels)
{
	size_t room = (size_t)channels * NODES_A_CHANNEL;

	table = mmap(NULL, sizeof *table + room * sizeof(struct node), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (table == MAP_FAILED)
		fail_errno("shared memory");
	table->room = (unsigned)room;
}

struct xs_handle *xs_open(unsigned long flags)
{
	(void)flags;
	/* Nobody looks inside. */
	return (struct xs_handle *)table;
}

void xs_close(struct xs_handle *handle)
{
	(void)handle;
}

xs_transaction_t xs_transaction_start(struct xs_handle *handle)
{
	(void)handle;
	return 1;
}

bool xs_transaction_end(struct xs_handle *handle, xs_transaction_t transaction, bool abort)
{
	(void)handle;
	(void)transaction;
	if (!abort)
		atomic_store(&table->committed, table->written);
	return true;
}

bool xs_write(struct xs_handle *handle, xs_transaction_t transaction, const char *path,
	      const void *data, unsigned length)
{
	struct node *node = &table->nodes[table->written];

	(void)handle;
	(void)transaction;
	if (table->written == table->room || strlen(path) >= sizeof node->path ||
	    length >= sizeof node->value) {
		errno = ENOSPC;
		return false;
	}
	snprintf(node->path, sizeof node->path, "%s", path);
	memcpy(node->value, data, length);
	node->value[length] = 0;
	table->written++;
	return true;
}

/* The newest first: that is what is asked for. */
static const char *value_of(const char *path)
{
	if (!strcmp(path, "domid"))
		return "0";
	for (unsigned i = atomic_load(&table->committed); i-- > 0;) {
		if (!strcmp(table->nodes[i].path, path))
			return table->nodes[i].value;
	}
	return NULL;
}

void *xs_read(struct xs_handle *handle, xs_transaction_t transaction, const char *path,
	      unsigned *length)
{
	const char *value = value_of(path);

	(void)handle;
	(void)transaction;
	if (!value) {
		errno = ENOENT;
		return NULL;
	}
	if (length)
		*length = (unsigned)strlen(value);
	return strdup(value);
}

bool xs_rm(struct xs_handle *handle, xs_transaction_t transaction, const char *path)
{
	(void)handle;
	(void)transaction;
	(void)path;
	return true;
}

bool xs_set_permissions(struct xs_handle *handle, xs_transaction_t transaction, const char *path,
			struct xs_permissions *permissions, unsigned count)
{
	(void)handle;
	(void)transaction;
	(void)path;
	(void)permissions;
	(void)count;
	return true;
}
