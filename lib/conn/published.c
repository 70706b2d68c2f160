/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/published.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/environment.h"
#include "base/deadline.h"
#include "base/error.h"

/* What is published, for one choice of platform. */
struct listing {
	char platform[16];
	struct deadline deadline;
	int error;
	struct failure failure;
	char *names; /* one after the other, ended by an empty one; NULL: there are none */
};

static struct listing latest;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* held for no longer than a search */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void lock_latest(void)
{
	pthread_mutex_lock(&mutex);
}

static void unlock_latest(void)
{
	pthread_mutex_unlock(&mutex);
}

static void guard_forks(void)
{
	pthread_atfork(lock_latest, unlock_latest, unlock_latest);
}

static int not_published(void)
{
	return fail(ENOENT, "no domain of this host is published as the owner of the address");
}

static int search(const struct listing *listing, const char *name)
{
	if (listing->error != 0) {
		failure_restore(&listing->failure);
		return listing->error;
	}
	for (const char *at = listing->names; at != NULL && *at != '\0'; at += strlen(at) + 1)
		if (strcmp(at, name) == 0)
			return 0;
	return not_published();
}

static bool search_latest(const char *platform, const char *name, int *result)
{
	bool fresh;

	lock_latest();
	fresh = strcmp(latest.platform, platform) == 0 && !deadline_passed(latest.deadline);
	if (fresh)
		*result = search(&latest, name);
	unlock_latest();
	return fresh;
}

/* 1 when there is something in the store, which is open then. */
static int open_store(const char *name, struct platform **platform, struct store **store)
{
	int result = platform_look(*name != '\0' ? name : NULL, platform);

	if (result <= 0)
		return result;
	result = (*platform)->ops->store_open(*platform, store);
	if (result < 0)
		platform_put(*platform);
	return result < 0 ? result : 1;
}

static void close_store(struct platform *platform, struct store *store)
{
	platform->ops->store_close(store);
	platform_put(platform);
}

static int list(const char *name, char **names)
{
	struct platform *platform;
	struct store *store;
	int result = open_store(name, &platform, &store);

	*names = NULL;
	if (result <= 0)
		return result;
	result = platform->ops->store_list(store, PUBLISHED_PATH, names);
	close_store(platform, store);
	/* To a guest what is missing below a node that it may not read is -EACCES. */
	return result == -ENOENT || result == -EACCES ? 0 : result;
}

static int search_anew(const char *platform, const char *name)
{
	struct listing listing = { 0 };
	char *before;
	int result;

	/* The last byte stays NUL; a name that does not fit is no platform's. */
	strncpy(listing.platform, platform, sizeof listing.platform - 1);
	listing.error = list(platform, &listing.names);
	if (listing.error != 0)
		failure_save(&listing.failure);
	listing.deadline = deadline_in(PUBLISHED_LIFE);
	result = search(&listing, name);
	lock_latest();
	before = latest.names;
	latest = listing;
	unlock_latest();
	free(before);
	return result;
}

/* Only domain 0 may have had a hand in it. */
static int check_owner(const char *path, const struct store_permissions *permissions)
{
	bool closed = permissions->owner == 0 && !(permissions->others & ACCESS_WRITE);

	for (unsigned at = 0; at < permissions->count; at++)
		closed = closed && !(permissions->grantee[at].access & ACCESS_WRITE);
	if (closed)
		return 0;
	return fail(ENOENT, "%s could be written by others than domain 0, so it counts for nothing",
		    path);
}

static int parse_domain(const char *path, const char *value, unsigned *domain)
{
	char *end;
	unsigned long number = strtoul(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end != '\0' || number > DOMAIN_MAX)
		return fail(ENOENT, "%s has no domain's number in it", path);
	*domain = (unsigned)number;
	return 0;
}

/* What cannot be read, or cannot have been written by xsock publish, is as good as not there. */
static int read_node(struct platform *platform, struct store *store, const char *name,
		     unsigned *domain)
{
	struct store_permissions permissions;
	char path[STORE_PATH_MAX], value[16];
	ssize_t result;

	snprintf(path, sizeof path, PUBLISHED_PATH "/%s", name);
	result = platform->ops->store_get_permissions(store, path, &permissions);
	if (result == 0)
		result = check_owner(path, &permissions);
	if (result == 0) {
		result = platform->ops->store_read(store, path, value, sizeof value);
		if (result >= 0)
			return parse_domain(path, value, domain);
	}
	return result == -EACCES || result == -E2BIG ? -ENOENT : (int)result;
}

static int ask(const char *name, const char *node, unsigned *domain)
{
	struct platform *platform;
	struct store *store;
	int result = open_store(name, &platform, &store);

	if (result == 0)
		return not_published();
	if (result < 0)
		return result;
	result = read_node(platform, store, node, domain);
	close_store(platform, store);
	return result;
}

int published_find(const char *platform, const struct ip *ip, unsigned *domain)
{
	char name[IP_NODE_SIZE];
	int result;

	pthread_once(&once, guard_forks);
	ip_node_name(ip, name);
	if (platform == NULL)
		platform = environment(VARIABLE_PLATFORM);
	if (platform == NULL)
		platform = "";
	if (!search_latest(platform, name, &result))
		result = search_anew(platform, name);
	return result == 0 ? ask(platform, name, domain) : result;
}
