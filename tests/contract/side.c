/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "side.h"

#include "base/error.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char letter = '?';

void check_at(bool truth, const char *what, const char *file, int line)
{
	if (truth)
		return;
	printf("# %c: %s:%d: not so: %s\n", letter, file, line, what);
	fflush(stdout);
	_exit(1);
}

void check_result_at(long result, long expected, const char *what, const char *file, int line)
{
	if (result == expected)
		return;
	printf("# %c: %s:%d: %s is %ld, not %ld (%s)\n", letter, file, line, what, result, expected,
	       result < 0 ? last_failure() : "no failure");
	fflush(stdout);
	_exit(1);
}

int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Each path is kept once, until the process ends: callers hold on to them. */
static const char *keep(const char *path)
{
	static char kept[256][STORE_PATH_MAX];
	static unsigned count;

	for (unsigned i = 0; i < count; i++)
		if (!strcmp(kept[i], path))
			return kept[i];
	CHECK(count < sizeof kept / sizeof kept[0]);
	return strcpy(kept[count++], path);
}

static const char *path_of(const struct side *side, unsigned domain, const char *name)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof path, "/local/domain/%u/data/xsock-contract/%s%s%s", domain,
		 side->scenario, *name ? "/" : "", name);
	return keep(path);
}

const char *own_path(const struct side *side, const char *name)
{
	return path_of(side, side->self, name);
}

const char *peer_path(const struct side *side, const char *name)
{
	return path_of(side, side->peer, name);
}

/* -- words ---------------------------------------------------------------------------------- */

void say(struct side *side, const char *word, const char *format, ...)
{
	struct store_permissions permissions = { .owner = side->self,
						 .count = 1,
						 .grantee = { { side->peer, ACCESS_READ } } };
	char value[STORE_VALUE_MAX + 1];
	const char *path = own_path(side, word);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(value, sizeof value, format, arguments);
	va_end(arguments);
	CHECK_RESULT(side->ops->store_write(side->meeting, path, value), 0);
	CHECK_RESULT(side->ops->store_set_permissions(side->meeting, path, &permissions), 0);
}

/* Takes one event of the store, or all that are there; false when the time is up. */
static bool await_store(struct side *side, struct store *store, int64_t deadline)
{
	struct pollfd entry = { .fd = side->ops->store_fd(store), .events = POLLIN };
	int64_t left = (deadline - now_us()) / 1000;
	char path[STORE_PATH_MAX];

	CHECK(entry.fd >= 0);
	if (left <= 0 || poll(&entry, 1, (int)left) <= 0)
		return false;
	while (side->ops->store_next(store, path, sizeof path) > 0)
		continue;
	return true;
}

void hear(struct side *side, const char *word, char *value, size_t size)
{
	const char *path = peer_path(side, word);
	int64_t deadline = now_us() + WAIT_LIMIT * 1000;
	bool there;

	CHECK_RESULT(side->ops->store_watch(side->meeting, path), 0);
	for (;;) {
		there = side->ops->store_read(side->meeting, path, value, size) >= 0;
		if (there || !await_store(side, side->meeting, deadline))
			break;
	}
	if (!there)
		printf("# %c: waited in vain for the other side's word \"%s\"\n", letter, word);
	CHECK(there);
	CHECK_RESULT(side->ops->store_unwatch(side->meeting, path), 0);
}

unsigned long hear_number(struct side *side, const char *word)
{
	char value[32];

	hear(side, word, value, sizeof value);
	return strtoul(value, NULL, 10);
}

void meet(struct side *side, const char *word)
{
	char value[32];

	say(side, word, "%s", "here");
	hear(side, word, value, sizeof value);
}

/* -- channels ------------------------------------------------------------------------------- */

static bool poll_channel(struct side *side, struct channel *channel, int limit)
{
	int fds[CHANNEL_FDS_MAX];
	struct pollfd entries[CHANNEL_FDS_MAX];
	int count = side->ops->channel_fds(channel, fds);

	CHECK(count >= 0 && count <= CHANNEL_FDS_MAX);
	for (int i = 0; i < count; i++)
		entries[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	return poll(entries, (nfds_t)count, limit) > 0;
}

bool channel_is_ready(struct side *side, struct channel *channel)
{
	return poll_channel(side, channel, 0);
}

void await_channel(struct side *side, struct channel *channel)
{
	int64_t deadline = now_us() + WAIT_LIMIT * 1000;
	int64_t left;

	while ((left = deadline - now_us()) > 0)
		if (poll_channel(side, channel, (int)(left / 1000)) &&
		    side->ops->channel_drain(channel) == 1)
			return;
	CHECK(left > 0); /* an event came in time */
}

/* -- start and end -------------------------------------------------------------------------- */

static void read_or_empty(struct side *side, const char *path, char *value, size_t size)
{
	if (side->ops->store_read(side->meeting, path, value, size) < 0)
		value[0] = '\0';
}

/* Leftovers of an earlier run may be there: each side repeats the other's number, until it sees its
 * own repeated by the other. */
void begin(struct side *side)
{
	const char *start = peer_path(side, "start"), *echo = peer_path(side, "echo");
	int64_t deadline = now_us() + BEGIN_LIMIT * 1000000;
	char heard[24], value[24];

	letter = side->letter;
	side->brief |= !strcmp(side->ops->name, "xen");
	CHECK_RESULT(side->ops->store_open(side->platform, &side->meeting), 0);
	CHECK_RESULT(side->ops->store_open(side->platform, &side->store), 0);
	CHECK_RESULT(side->ops->store_remove(side->meeting, own_path(side, "")), 0);
	snprintf(side->nonce, sizeof side->nonce, "%d-%lld", (int)getpid(), (long long)now_us());
	say(side, "start", "%s", side->nonce);
	CHECK_RESULT(side->ops->store_watch(side->meeting, start), 0);
	CHECK_RESULT(side->ops->store_watch(side->meeting, echo), 0);
	for (;;) {
		read_or_empty(side, start, heard, sizeof heard);
		if (strcmp(heard, side->peer_nonce)) {
			snprintf(side->peer_nonce, sizeof side->peer_nonce, "%s", heard);
			say(side, "echo", "%s", heard);
		}
		read_or_empty(side, echo, value, sizeof value);
		if (*heard && !strcmp(value, side->nonce))
			break;
		CHECK(await_store(side, side->meeting, deadline));
	}
	CHECK_RESULT(side->ops->store_unwatch(side->meeting, start), 0);
	CHECK_RESULT(side->ops->store_unwatch(side->meeting, echo), 0);
}

/* B speaks last, and stays until A has taken its words away: so nobody misses a word. */
static void part(struct side *side)
{
	const char *start = peer_path(side, "start");
	int64_t deadline = now_us() + WAIT_LIMIT * 1000;
	char value[24];

	if (side->letter == 'a') {
		hear(side, "done", value, sizeof value);
		return;
	}
	say(side, "done", "%s", "done");
	CHECK_RESULT(side->ops->store_watch(side->meeting, start), 0);
	for (;;) {
		read_or_empty(side, start, value, sizeof value);
		if (strcmp(value, side->peer_nonce))
			break;
		CHECK(await_store(side, side->meeting, deadline));
	}
	CHECK_RESULT(side->ops->store_unwatch(side->meeting, start), 0);
}

void end(struct side *side)
{
	char path[STORE_PATH_MAX];

	part(side);
	snprintf(path, sizeof path, "/local/domain/%u/data/xsock-contract", side->self);
	CHECK_RESULT(side->ops->store_remove(side->meeting, path), 0);
	side->ops->store_close(side->store);
	side->ops->store_close(side->meeting);
}
