/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* XenStore in so far as two ends need it; and whatever another domain may write there, at any look
 * into it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "platform.h"

#include "base/error.h"
#include "base/owned.h"
#include "input.h"
#include "lies.h"
#include "world.h"

#define NODES 64
#define WATCHES 8
#define EVENTS 32

struct node {
	bool used;
	char path[STORE_PATH_MAX];
	char value[STORE_VALUE_MAX];
	struct store_permissions permissions;
};

struct store {
	struct store *next;
	unsigned domain;
	char watched[WATCHES][STORE_PATH_MAX];
	char events[EVENTS][STORE_PATH_MAX];
	unsigned event_count;
	int fd; /* readable while there are events */
};

static struct node nodes[NODES];
static struct store *stores;

void store_begin(void)
{
	for (int at = 0; at < NODES; at++)
		nodes[at].used = false;
}

void store_end(void)
{
	EXPECT(stores == NULL);
}

/* ------------------------------------------------------------------ events */

static bool is_within(const char *path, const char *above)
{
	size_t length = strlen(above);

	return strncmp(path, above, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

static void set_readable(struct store *store)
{
	uint64_t count = 1;

	if (store->event_count > 0)
		EXPECT(write(store->fd, &count, sizeof count) == sizeof count);
	else if (read(store->fd, &count, sizeof count) < 0)
		return;
}

static void tell_store(struct store *store, const char *path)
{
	if (store->event_count < EVENTS)
		snprintf(store->events[store->event_count++], STORE_PATH_MAX, "%s", path);
	set_readable(store);
}

/* `path` and what is below it changed. */
static void tell(const char *path)
{
	for (struct store *store = stores; store != NULL; store = store->next)
		for (int at = 0; at < WATCHES; at++)
			if (store->watched[at][0] != '\0' && (is_within(path, store->watched[at]) ||
							      is_within(store->watched[at], path)))
				tell_store(store, path);
}

/* ------------------------------------------------------------------ nodes */

static struct node *find(const char *path)
{
	for (int at = 0; at < NODES; at++)
		if (nodes[at].used && strcmp(nodes[at].path, path) == 0)
			return &nodes[at];
	return NULL;
}

static struct node *parent_of(const char *path)
{
	char above[STORE_PATH_MAX];
	char *slash;

	snprintf(above, sizeof above, "%s", path);
	slash = strrchr(above, '/');
	if (slash != NULL)
		*slash = '\0';
	return find(above);
}

static struct node *make(const char *path, unsigned domain)
{
	struct node *node = find(path), *parent = parent_of(path);

	for (int at = 0; at < NODES && node == NULL; at++)
		if (!nodes[at].used) {
			node = &nodes[at];
			*node = (struct node){ .used = true };
			snprintf(node->path, sizeof node->path, "%s", path);
			if (parent != NULL)
				node->permissions = parent->permissions;
			node->permissions.owner = domain;
		}
	return node;
}

static void remove_tree(const char *path)
{
	for (int at = 0; at < NODES; at++)
		if (nodes[at].used && is_within(nodes[at].path, path))
			nodes[at].used = false;
	tell(path);
}

/* ------------------------------------------------------------------ what others do meanwhile */

static void write_lie(struct node *node)
{
	switch (input_below(5)) {
	case 0:
		input_text(node->value, STORE_VALUE_MAX);
		break;
	case 1: /* one character */
		node->value[input_16() % sizeof node->value] = (char)input_byte();
		node->value[sizeof node->value - 1] = '\0';
		break;
	case 2:
		node->permissions.owner = input_16();
		break;
	case 3:
		node->permissions.others = (enum store_access)input_below(4);
		break;
	default:
		node->permissions.count = input_below(STORE_GRANTEES_MAX + 1);
		for (unsigned at = 0; at < node->permissions.count; at++) {
			node->permissions.grantee[at].domain = input_byte();
			node->permissions.grantee[at].access = (enum store_access)input_below(4);
		}
	}
	tell(node->path);
}

/* A node of a name that comes from the input, beside or below this one. */
static void add_lie(const char *path, bool below)
{
	char name[STORE_PATH_MAX], made[2 * STORE_PATH_MAX];
	const char *slash = strrchr(path, '/');
	int length = below || slash == NULL ? (int)strlen(path) : (int)(slash - path);
	struct node *node;

	input_text(name, sizeof name);
	if (name[0] == '\0')
		snprintf(name, sizeof name, "0123456789abcde%u", input_below(10));
	snprintf(made, sizeof made, "%.*s/%s", length, path, name);
	if (strlen(made) >= STORE_PATH_MAX)
		return;
	node = make(made, DOMAIN_B);
	if (node != NULL)
		write_lie(node);
}

static void meddle(const char *path)
{
	struct node *node = find(path);
	uint8_t code;

	world_work(1);
	if (!lies_now())
		return;
	code = input_byte();
	if (code % 4 == 0 && node != NULL)
		write_lie(node);
	else if (code % 4 == 1)
		add_lie(path, code & 4);
	else if (code % 4 == 2)
		remove_tree(path);
}

/* ------------------------------------------------------------------ the contract */

int fake_store_open(struct platform *platform, struct store **made)
{
	struct store *store = calloc(1, sizeof *store);

	EXPECT(store != NULL);
	store->next = stores;
	store->domain = platform->self;
	store->fd = own_descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
	EXPECT(store->fd >= 0);
	stores = *made = store;
	return 0;
}

void fake_store_close(struct store *store)
{
	struct store **at = &stores;

	while (*at != store)
		at = &(*at)->next;
	*at = store->next;
	close_descriptor(&store->fd);
	free(store);
}

/* The node as its writers left it by now: they may change it before each look. */
static int look_up(const char *path, const struct node **node)
{
	int error = fake_failure();

	meddle(path);
	*node = find(path);
	if (error != 0)
		return error;
	return *node != NULL ? 0 : fail(ENOENT, "no node %s", path);
}

ssize_t fake_store_read(struct store *store, const char *path, char *value, size_t size)
{
	const struct node *node;
	int error = look_up(path, &node);

	(void)store;
	if (error != 0)
		return error;
	if (strlen(node->value) >= size)
		return fail(E2BIG, "%s is too long", path);
	memcpy(value, node->value, strlen(node->value) + 1);
	return (ssize_t)strlen(value);
}

int fake_store_write(struct store *store, const char *path, const char *value)
{
	int error = fake_failure();
	struct node *node = error != 0 ? NULL : make(path, store->domain);

	EXPECT(strlen(path) < STORE_PATH_MAX && strlen(value) < STORE_VALUE_MAX);
	if (node == NULL)
		return error != 0 ? error : fail(ENOSPC, "a quota of nodes");
	snprintf(node->value, sizeof node->value, "%s", value);
	tell(path);
	return 0;
}

int fake_store_put(struct store *store, const char *path, const char *value,
		   const struct store_permissions *permissions)
{
	int error = fake_store_write(store, path, value);

	return error != 0 ? error : fake_store_set_permissions(store, path, permissions);
}

int fake_store_remove(struct store *store, const char *path)
{
	int error = fake_failure();

	(void)store;
	if (error == 0)
		remove_tree(path);
	return error;
}

int fake_store_get_permissions(struct store *store, const char *path,
			       struct store_permissions *permissions)
{
	const struct node *node;
	int error = look_up(path, &node);

	(void)store;
	if (error != 0)
		return error;
	*permissions = node->permissions;
	return 0;
}

int fake_store_set_permissions(struct store *store, const char *path,
			       const struct store_permissions *permissions)
{
	struct node *node = find(path);
	int error = fake_failure();

	(void)store;
	if (error != 0)
		return error;
	if (node == NULL)
		return fail(ENOENT, "no node %s", path);
	node->permissions = *permissions;
	tell(path);
	return 0;
}

int fake_store_list(struct store *store, const char *path, char **names)
{
	size_t length = strlen(path), used = 0;
	int error = fake_failure();

	(void)store;
	meddle(path);
	if (error != 0)
		return error;
	if (find(path) == NULL)
		return fail(ENOENT, "no node %s", path);
	*names = calloc(NODES + 1, STORE_PATH_MAX);
	EXPECT(*names != NULL);
	for (int at = 0; at < NODES; at++) {
		const char *name = nodes[at].path + length + 1;

		if (!nodes[at].used || !is_within(nodes[at].path, path) ||
		    nodes[at].path[length] == '\0' || strchr(name, '/') != NULL || *name == '\0')
			continue;
		memcpy(*names + used, name, strlen(name) + 1);
		used += strlen(name) + 1;
	}
	return 0;
}

int fake_store_watch(struct store *store, const char *path)
{
	int error = fake_failure();

	if (error != 0)
		return error;
	for (int at = 0; at < WATCHES; at++)
		if (store->watched[at][0] == '\0') {
			snprintf(store->watched[at], STORE_PATH_MAX, "%s", path);
			tell_store(store, path);
			return 0;
		}
	return fail(ENOSPC, "a quota of watches");
}

int fake_store_unwatch(struct store *store, const char *path)
{
	for (int at = 0; at < WATCHES; at++)
		if (strcmp(store->watched[at], path) == 0)
			store->watched[at][0] = '\0';
	return 0;
}

int fake_store_fd(struct store *store)
{
	return store->fd;
}

/* A path at or below a watched one, as somebody else may have made it. */
static int invent(const struct store *store, char *path, size_t size)
{
	const char *watched = store->watched[input_below(WATCHES)];
	char name[STORE_PATH_MAX];

	input_text(name, sizeof name);
	if (watched[0] == '\0')
		return 0;
	if ((size_t)snprintf(path, size, "%s%s%s", watched, name[0] != '\0' ? "/" : "", name) >=
	    size)
		return fail(ENAMETOOLONG, "the path of an event");
	return 1;
}

int fake_store_next(struct store *store, char *path, size_t size)
{
	world_work(1);
	if (lies_now())
		return invent(store, path, size);
	if (store->event_count == 0)
		return 0;
	snprintf(path, size, "%s", store->events[0]);
	store->event_count--;
	memmove(store->events[0], store->events[1], store->event_count * sizeof store->events[0]);
	set_readable(store);
	return 1;
}
