/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "inspect/leftovers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "conn/address.h"
#include "conn/presence.h"
#include "inspect/local.h"

struct look {
	struct platform *platform;
	struct store *store;
	struct leftovers *leftovers;
};

static void add(struct leftovers *leftovers, const struct leftover *leftover)
{
	if (leftovers->count < LEFTOVERS_MOST)
		leftovers->leftover[leftovers->count++] = *leftover;
	else
		leftovers->more++;
}

/* ------------------------------------------------------------------ nodes */

/* 1, 0 or -errno. */
static int is_there(const struct look *look, const char *path)
{
	char value[STORE_VALUE_MAX + 1];
	ssize_t length = look->platform->ops->store_read(look->store, path, value, sizeof value);

	if (length >= 0 || length == -E2BIG)
		return 1;
	return length == -ENOENT ? 0 : (int)length;
}

/* The names below a node, for free(); NULL when there is no such node, or with an error. */
static int list(const struct look *look, const char *path, char **names)
{
	int error = look->platform->ops->store_list(look->store, path, names);

	if (error != 0)
		*names = NULL;
	return error == -ENOENT ? 0 : error;
}

/* How many, or -errno. */
static int children(const struct look *look, const char *path)
{
	char *names;
	int count = list(look, path, &names);

	for (const char *name = names; name != NULL && *name != '\0'; name += strlen(name) + 1)
		count++;
	free(names);
	return count;
}

/* Whatever place they are in. How many, or -errno. */
static int requests(const struct look *look, const char *service)
{
	char path[STORE_PATH_MAX], place[STORE_PATH_MAX];
	char *names;
	int count;

	path_service(path, look->platform->self, service);
	count = list(look, path, &names);
	for (const char *name = names; name != NULL && *name != '\0'; name += strlen(name) + 1) {
		int more = 0;

		if ((size_t)snprintf(place, sizeof place, "%s/%s", path, name) < sizeof place)
			more = children(look, place);
		count = more < 0 ? more : count + more;
		if (more < 0)
			break;
	}
	free(names);
	return count;
}

/* 1, 0 or -errno. A listener takes the name before it makes the node, and gives it back after the
 * node is gone: so a node between two looks that find the name free is a dead one's. */
static int is_dead(const struct look *look, const char *service)
{
	int fd = look->platform->lock_fd;
	char path[STORE_PATH_MAX];
	int taken = presence_name_taken(fd, service), there;

	if (taken != 0)
		return taken < 0 ? taken : 0;
	path_service(path, look->platform->self, service);
	there = is_there(look, path);
	if (there <= 0)
		return there;
	taken = presence_name_taken(fd, service);
	return taken < 0 ? taken : !taken;
}

typedef int service_found(const struct look *look, const char *service);

static int each_dead_service(const struct look *look, service_found *found)
{
	char path[STORE_PATH_MAX];
	char *names;
	int result;

	path_root(path, look->platform->self);
	strncat(path, "/service", sizeof path - strlen(path) - 1);
	result = list(look, path, &names);
	for (const char *name = names; name != NULL && *name != '\0' && result >= 0;
	     name += strlen(name) + 1) {
		if (service_check(name) != 0)
			continue;
		result = is_dead(look, name);
		if (result > 0)
			result = found(look, name);
	}
	free(names);
	return result < 0 ? result : 0;
}

static int note_service(const struct look *look, const char *service)
{
	struct leftover leftover = { .kind = LEFTOVER_SERVICE, .domain = look->platform->self };
	int count = requests(look, service);

	if (count < 0)
		return count;
	leftover.count = (unsigned)count;
	snprintf(leftover.service, sizeof leftover.service, "%s", service);
	add(look->leftovers, &leftover);
	return 0;
}

/* Nobody of the domain lived, so all that is there is left, unless somebody has come since. */
static int note_presence(const struct look *look)
{
	struct leftover leftover = { .kind = LEFTOVER_PRESENCE, .domain = look->platform->self };
	char path[STORE_PATH_MAX];
	int result;

	path_root(path, look->platform->self);
	result = is_there(look, path);
	if (result <= 0)
		return result;
	result = presence_anyone(look->platform->lock_fd);
	if (result != 0)
		return result < 0 ? result : 0;
	strncat(path, "/service", sizeof path - strlen(path) - 1);
	result = children(look, path);
	if (result < 0)
		return result;
	leftover.count = (unsigned)result;
	add(look->leftovers, &leftover);
	return 0;
}

static int note_nodes(const struct look *look)
{
	int anyone = presence_anyone(look->platform->lock_fd);

	if (anyone < 0)
		return anyone;
	return anyone ? each_dead_service(look, note_service) : note_presence(look);
}

static int note_local(const struct look *look)
{
	struct leftover leftover = { .domain = look->platform->self };
	unsigned count[LOCAL_REMAINS] = { 0 };
	int error = local_remains(look->platform, false, count);

	for (int kind = 0; kind < LOCAL_REMAINS; kind++) {
		leftover.kind = (enum leftover_kind)(LEFTOVER_GRANTS + kind);
		leftover.count = count[kind];
		if (leftover.count > 0)
			add(look->leftovers, &leftover);
	}
	return error;
}

int leftovers_find(struct platform *platform, struct leftovers *leftovers)
{
	struct look look = { .platform = platform, .leftovers = leftovers };
	int error = platform->ops->store_open(platform, &look.store);

	if (error != 0)
		return error;
	error = note_nodes(&look);
	platform->ops->store_close(look.store);
	return error != 0 ? error : note_local(&look);
}

/* ------------------------------------------------------------------ removal */

/* As a listener of that name: none can come to be meanwhile. */
static int remove_service(const struct look *look, const char *service)
{
	char path[STORE_PATH_MAX];
	int fd, error = presence_take_name(look->platform, service, &fd);

	if (error == -EADDRINUSE)
		return 0;
	if (error != 0)
		return error;
	path_service(path, look->platform->self, service);
	error = look->platform->ops->store_remove(look->store, path);
	presence_drop_name(service, &fd);
	return error;
}

int leftovers_remove(const char *name)
{
	unsigned count[LOCAL_REMAINS] = { 0 };
	struct look look = { 0 };
	/* The first process to come removes what is left of a domain without any. */
	int error = presence_enter(name, &look.platform), left;

	if (error != 0)
		return error;
	error = look.platform->ops->store_open(look.platform, &look.store);
	if (error == 0) {
		error = each_dead_service(&look, remove_service);
		look.platform->ops->store_close(look.store);
	}
	left = local_remains(look.platform, true, count);
	presence_leave(look.platform);
	return error != 0 ? error : left;
}
