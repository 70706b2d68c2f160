/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches: the first event, those of others' changes, and what a flood leaves. */
#include "scenarios.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

static bool is_readable(struct side *side, int limit)
{
	struct pollfd entry = { .fd = side->ops->store_fd(side->store), .events = POLLIN };

	CHECK(entry.fd >= 0);
	return poll(&entry, 1, limit) == 1;
}

/* Waits for an event for exactly this path. */
static void await_event(struct side *side, const char *expected)
{
	int64_t deadline = now_us() + WAIT_LIMIT * 1000;
	char path[STORE_PATH_MAX];

	while (now_us() < deadline) {
		int result = side->ops->store_next(side->store, path, sizeof path);

		CHECK(result >= 0);
		if (result == 1 && !strcmp(path, expected))
			return;
		if (result == 0)
			is_readable(side, (int)((deadline - now_us()) / 1000));
	}
	printf("# waited in vain for an event of %s\n", expected);
	CHECK(now_us() < deadline);
}

static unsigned take_all(struct side *side)
{
	char path[STORE_PATH_MAX];
	unsigned count = 0;

	while (side->ops->store_next(side->store, path, sizeof path) == 1)
		count++;
	return count;
}

/* Until the value is there: events tell when to look. */
static void await_value(struct side *side, const char *path, const char *expected)
{
	int64_t deadline = now_us() + WAIT_LIMIT * 1000;
	char value[STORE_VALUE_MAX + 1];

	for (;;) {
		if (side->ops->store_read(side->store, path, value, sizeof value) < 0)
			value[0] = '\0';
		if (!strcmp(value, expected))
			return;
		CHECK(is_readable(side, (int)((deadline - now_us()) / 1000)));
		take_all(side);
	}
}

static void await_removal(struct side *side, const char *path)
{
	int64_t deadline = now_us() + WAIT_LIMIT * 1000;
	char value[STORE_VALUE_MAX + 1];

	while (side->ops->store_read(side->store, path, value, sizeof value) >= 0) {
		CHECK(is_readable(side, (int)((deadline - now_us()) / 1000)));
		take_all(side);
	}
}

void watch_first(struct side *side)
{
	const char *one = own_path(side, "one"), *other = own_path(side, "other");
	char path[STORE_PATH_MAX], small[8];
	int result;

	CHECK_RESULT(side->ops->store_next(side->store, path, sizeof path), 0);
	CHECK_RESULT(side->ops->store_watch(side->store, one), 0);
	await_event(side, one);
	CHECK_RESULT(side->ops->store_write(side->store, one, "1"), 0);
	await_event(side, one);
	/* Names that only begin alike are not below. */
	CHECK_RESULT(side->ops->store_write(side->store, own_path(side, "one-more"), "1"), 0);
	CHECK_RESULT(side->ops->store_watch(side->store, other), 0);
	CHECK(is_readable(side, WAIT_LIMIT));
	CHECK_RESULT(side->ops->store_next(side->store, path, sizeof path), 1);
	CHECK(!strcmp(path, other));
	CHECK_RESULT(side->ops->store_next(side->store, path, sizeof path), 0);
	CHECK(!is_readable(side, 0));
	CHECK_RESULT(side->ops->store_unwatch(side->store, one), 0);
	result = side->ops->store_unwatch(side->store, one); /* a guest's kernel does not mind */
	CHECK(result == 0 || result == -ENOENT);
	CHECK_RESULT(side->ops->store_write(side->store, one, "2"), 0);
	CHECK_RESULT(side->ops->store_write(side->store, other, "2"), 0);
	await_event(side, other);
	CHECK_RESULT(side->ops->store_write(side->store, other, "3"), 0);
	CHECK(is_readable(side, WAIT_LIMIT));
	CHECK(side->ops->store_next(side->store, small, sizeof small) < 0);
}

void watch_changes_a(struct side *side)
{
	const char *node = peer_path(side, "node");

	CHECK_RESULT(side->ops->store_write(side->store, own_path(side, "inbox"), ""), 0);
	CHECK_RESULT(
		side->ops->store_set_permissions(
			side->store, own_path(side, "inbox"),
			&(struct store_permissions){ .owner = side->self,
						     .count = 1,
						     .grantee = { { side->peer, ACCESS_BOTH } } }),
		0);
	CHECK_RESULT(side->ops->store_watch(side->store, node), 0);
	CHECK_RESULT(side->ops->store_watch(side->store, own_path(side, "inbox")), 0);
	await_event(side, node);
	await_event(side, own_path(side, "inbox"));
	take_all(side);
	meet(side, "watching");
	await_event(side, node);
	await_value(side, node, "shown");
	meet(side, "shown");
	await_value(side, node, "changed");
	meet(side, "changed");
	await_removal(side, node);
	meet(side, "gone");
	await_event(side, own_path(side, "inbox/letter"));
	await_value(side, own_path(side, "inbox/letter"), "dear a");
}

void watch_changes_b(struct side *side)
{
	struct store_permissions shown = { .owner = side->self,
					   .count = 1,
					   .grantee = { { side->peer, ACCESS_READ } } };
	const char *node = own_path(side, "node");

	meet(side, "watching");
	CHECK_RESULT(side->ops->store_write(side->store, node, "shown"), 0);
	CHECK_RESULT(side->ops->store_set_permissions(side->store, node, &shown), 0);
	meet(side, "shown");
	CHECK_RESULT(side->ops->store_write(side->store, node, "changed"), 0);
	meet(side, "changed");
	CHECK_RESULT(side->ops->store_remove(side->store, node), 0);
	meet(side, "gone");
	node = peer_path(side, "inbox/letter");
	CHECK_RESULT(side->ops->store_write(side->store, node, "dear a"), 0);
	CHECK_RESULT(side->ops->store_set_permissions(side->store, node, &shown), 0);
}

/* On the local platform more than a FIFO holds. */
static unsigned flood(const struct side *side)
{
	return !strcmp(side->ops->name, "local") ? 600 : 100;
}

/* Events for both, in any order. */
static void await_both(struct side *side, const char *one, const char *other)
{
	int64_t deadline = now_us() + WAIT_LIMIT * 1000;
	bool one_came = false, other_came = false;
	char path[STORE_PATH_MAX];

	while (!one_came || !other_came) {
		int result = side->ops->store_next(side->store, path, sizeof path);

		if (result == 0)
			CHECK(is_readable(side, (int)((deadline - now_us()) / 1000)));
		if (result == 1 && !strcmp(path, one))
			one_came = true;
		if (result == 1 && !strcmp(path, other))
			other_came = true;
	}
}

void watch_flood_a(struct side *side)
{
	char last[16];

	CHECK_RESULT(side->ops->store_watch(side->store, peer_path(side, "node")), 0);
	CHECK_RESULT(side->ops->store_watch(side->store, peer_path(side, "other")), 0);
	meet(side, "watching");
	meet(side, "flooded");
	snprintf(last, sizeof last, "%u", flood(side) - 1);
	await_both(side, peer_path(side, "node"), peer_path(side, "other"));
	await_value(side, peer_path(side, "node"), last);
	CHECK(take_all(side) <= 2 * flood(side));
	CHECK(!is_readable(side, 0));
}

void watch_flood_b(struct side *side)
{
	struct store_permissions shown = { .owner = side->self,
					   .count = 1,
					   .grantee = { { side->peer, ACCESS_READ } } };
	const char *nodes[2] = { own_path(side, "node"), own_path(side, "other") };
	char value[16];

	meet(side, "watching");
	for (unsigned i = 0; i < 2; i++) {
		CHECK_RESULT(side->ops->store_write(side->store, nodes[i], ""), 0);
		CHECK_RESULT(side->ops->store_set_permissions(side->store, nodes[i], &shown), 0);
	}
	for (unsigned i = 0; i < flood(side); i++) {
		snprintf(value, sizeof value, "%u", i);
		CHECK_RESULT(side->ops->store_write(side->store, nodes[0], value), 0);
	}
	CHECK_RESULT(side->ops->store_write(side->store, nodes[1], "last"), 0);
	meet(side, "flooded");
}
