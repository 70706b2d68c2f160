/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Domains as a whole: who lives, their locks, what a forked child inherits, what a set-up costs. */
#include "scenarios.h"

#include "base/fork.h"
#include "base/lock.h"
#include "support/leaks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define USERS_BYTE 1
#define TEST_BYTE 100000

void domains_a(struct side *side)
{
	CHECK_RESULT(side->ops->domain_exists(side->platform, side->self), 1);
	CHECK_RESULT(side->ops->domain_exists(side->platform, DOMAIN_MAX - 3), 0);
	CHECK_RESULT(side->ops->domain_exists(side->platform, DOMAIN_MAX + 3), 0);
	meet(side, "locked");
	CHECK_RESULT(side->ops->domain_exists(side->platform, side->peer), 1);
	meet(side, "seen");
	meet(side, "unlocked");
	if (!strcmp(side->ops->name, "local"))
		CHECK_RESULT(side->ops->domain_exists(side->platform, side->peer), 0);
}

void domains_b(struct side *side)
{
	CHECK_RESULT(lock_try(side->platform->lock_fd, USERS_BYTE, LOCK_SHARED), 0);
	meet(side, "locked");
	meet(side, "seen");
	lock_drop(side->platform->lock_fd, USERS_BYTE);
	meet(side, "unlocked");
}

static bool child_succeeds(struct side *side, void (*work)(struct side *side))
{
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		alarm(WAIT_LIMIT / 1000);
		work(side);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	return status == 0;
}

/* Another process of the domain while this one holds the byte exclusively. */
static void contend(struct side *side)
{
	struct platform *platform;

	CHECK_RESULT(platform_get(side->ops->name, &platform), 0);
	CHECK(platform->self == side->self);
	CHECK_RESULT(lock_try(platform->lock_fd, TEST_BYTE, LOCK_EXCLUSIVE), -EAGAIN);
	CHECK_RESULT(lock_try(platform->lock_fd, TEST_BYTE, LOCK_SHARED), -EAGAIN);
	CHECK_RESULT(lock_wait(platform->lock_fd, TEST_BYTE, LOCK_SHARED, 5), -ETIMEDOUT);
	CHECK_RESULT(lock_held(platform->lock_fd, TEST_BYTE, 1), 1);
	CHECK_RESULT(lock_try(platform->lock_fd, TEST_BYTE + 1, LOCK_EXCLUSIVE), 0);
	platform_put(platform);
}

static void share(struct side *side)
{
	struct platform *platform;

	CHECK_RESULT(platform_get(side->ops->name, &platform), 0);
	CHECK_RESULT(lock_wait(platform->lock_fd, TEST_BYTE, LOCK_SHARED, 1000), 0);
	CHECK_RESULT(lock_try(platform->lock_fd, TEST_BYTE, LOCK_EXCLUSIVE), -EAGAIN);
	platform_put(platform);
}

/* Both sides at once: a byte locked in one domain is free in the other. */
void locks(struct side *side)
{
	int fd = side->platform->lock_fd;

	CHECK_RESULT(lock_try(fd, TEST_BYTE, LOCK_EXCLUSIVE), 0);
	meet(side, "both-locked");
	CHECK(child_succeeds(side, contend));
	CHECK_RESULT(lock_held(fd, TEST_BYTE + 1, 1), 0); /* its process is gone */
	CHECK_RESULT(lock_try(fd, TEST_BYTE, LOCK_SHARED), 0);
	CHECK(child_succeeds(side, share));
	lock_drop(fd, TEST_BYTE);
}

/* One instance a process, chosen by name, by environment, or by what works. */
void choices(struct side *side)
{
	struct platform *again, *by_name;

	CHECK_RESULT(platform_get("no-such-platform", &again), -EINVAL);
	CHECK_RESULT(platform_get(side->ops->name, &by_name), 0);
	CHECK(by_name == side->platform);
	setenv("XSOCK_PLATFORM", "nonsense", 1);
	CHECK_RESULT(platform_get(NULL, &again), -EINVAL);
	CHECK_RESULT(platform_get(side->ops->name, &again), 0);
	platform_put(again);
	unsetenv("XSOCK_PLATFORM");
	CHECK_RESULT(platform_get(NULL, &again), 0);
	platform_put(again);
	platform_put(by_name);
}

/* -- fork ----------------------------------------------------------------------------------- */

struct belongings {
	struct channel *offered, *bound;
	void *granted, *mapped;
};

static struct belongings belongings;

/* The child has nothing that would hide its parent's death, can free what it inherited, and can
 * have its own. */
static void be_child(struct side *side)
{
	static const char *const foreign[] = { "xsock", "/dev/xen/gnt", "/dev/xen/evtchn",
					       "eventfd", "memfd" };
	struct platform *platform;
	struct leaks held;

	CHECK_RESULT(fork_generation(), 1);
	leaks_take(&held);
	for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
		if (leaks_count(&held, foreign[i]) != leaks_count(side->before, foreign[i]))
			CHECK(leaks_none(side->before, stdout));
	CHECK_RESULT(platform_get(side->ops->name, &platform), 0);
	CHECK(platform != side->platform);
	side->ops->channel_abandon(belongings.offered);
	side->ops->channel_abandon(belongings.bound);
	side->ops->store_abandon(side->store);
	side->ops->store_abandon(side->meeting);
	platform_put(side->platform);
	CHECK_RESULT(side->ops->store_open(platform, &side->store), 0);
	CHECK_RESULT(side->ops->store_write(side->store, own_path(side, "child"), "was here"), 0);
	side->ops->store_close(side->store);
	platform_put(platform);
	CHECK(leaks_none(&held, stdout));
	leaks_free(&held);
}

static void acquire(struct side *side)
{
	uint32_t port, reference;
	char word[STORE_VALUE_MAX];

	CHECK_RESULT(
		side->ops->channel_offer(side->platform, side->peer, &port, &belongings.offered),
		0);
	CHECK_RESULT(
		side->ops->grant(side->platform, side->peer, 1, &reference, &belongings.granted),
		0);
	say(side, "port", "%u", port);
	say(side, "reference", "%u", reference);
	port = (uint32_t)hear_number(side, "port");
	reference = (uint32_t)hear_number(side, "reference");
	CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer, port, &belongings.bound),
		     0);
	CHECK_RESULT(
		side->ops->map(side->platform, side->peer, &reference, 1, true, &belongings.mapped),
		0);
	CHECK_RESULT(side->ops->store_watch(side->store, own_path(side, "child")), 0);
	snprintf(word, sizeof word, "from %c", side->letter);
	strcpy(belongings.mapped, word);
}

void forked_child_a(struct side *side)
{
	char word[16];

	acquire(side);
	CHECK_RESULT(fork_generation(), 0);
	CHECK(child_succeeds(side, be_child));
	CHECK(side->ops->store_read(side->store, own_path(side, "child"), word, sizeof word) > 0);
	meet(side, "forked");
	/* All of the parent's still works. */
	CHECK(!strcmp(belongings.granted, "from b"));
	CHECK_RESULT(side->ops->channel_notify(belongings.bound), 0);
	await_channel(side, belongings.offered);
	meet(side, "works");
	side->ops->unmap(side->platform, belongings.mapped, 1);
	side->ops->ungrant(side->platform, belongings.granted, 1);
	side->ops->channel_close(belongings.bound);
	side->ops->channel_close(belongings.offered);
}

void forked_child_b(struct side *side)
{
	acquire(side);
	meet(side, "forked");
	CHECK(!strcmp(belongings.granted, "from a"));
	CHECK_RESULT(side->ops->channel_notify(belongings.bound), 0);
	await_channel(side, belongings.offered);
	CHECK(!side->ops->channel_lost(belongings.offered));
	meet(side, "works");
	side->ops->unmap(side->platform, belongings.mapped, 1);
	side->ops->ungrant(side->platform, belongings.granted, 1);
	side->ops->channel_close(belongings.bound);
	side->ops->channel_close(belongings.offered);
}

/* -- what a set-up costs -------------------------------------------------------------------- */

#define PAIRS 25u /* 33 pages each: below gntalloc's limit */
#define PAGES 33u
#define COST_LIMIT                                                                                 \
	20000 /* us; generous, for emulated and instrumented machines: the figure is printed */

static int compare(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void report(struct side *side, const char *what, int64_t *times)
{
	qsort(times, PAIRS, sizeof *times, compare);
	printf("# %c: %s: median %lld us, min %lld, max %lld\n", side->letter, what,
	       (long long)times[PAIRS / 2], (long long)times[0], (long long)times[PAIRS - 1]);
	CHECK(times[PAIRS / 2] < COST_LIMIT);
}

void set_up_cost_a(struct side *side)
{
	uint32_t references[PAIRS][PAGES], ports[PAIRS];
	struct channel *channels[PAIRS];
	void *pages[PAIRS];
	int64_t times[PAIRS];

	for (unsigned i = 0; i < PAIRS; i++) {
		int64_t start = now_us();

		CHECK_RESULT(side->ops->channel_offer(side->platform, side->peer, &ports[i],
						      &channels[i]),
			     0);
		CHECK_RESULT(side->ops->grant(side->platform, side->peer, PAGES, references[i],
					      &pages[i]),
			     0);
		times[i] = now_us() - start;
	}
	report(side, "offer a channel and grant 33 pages", times);
	for (unsigned i = 0; i < PAIRS; i++) {
		char word[32], list[STORE_VALUE_MAX] = "";
		size_t length = 0;

		for (unsigned j = 0; j < PAGES; j++)
			length += (size_t)snprintf(list + length, sizeof list - length, "%u ",
						   references[i][j]);
		snprintf(word, sizeof word, "pair-%u", i);
		say(side, word, "%u %s", ports[i], list);
	}
	meet(side, "mapped");
	for (unsigned i = 0; i < PAIRS; i++) {
		int64_t start = now_us();

		side->ops->ungrant(side->platform, pages[i], PAGES);
		side->ops->channel_close(channels[i]);
		times[i] = now_us() - start;
	}
	report(side, "ungrant and close", times);
}

static void parse_pair(struct side *side, unsigned index, uint32_t *port, uint32_t *references)
{
	char word[32], list[STORE_VALUE_MAX], *at = list;

	snprintf(word, sizeof word, "pair-%u", index);
	hear(side, word, list, sizeof list);
	*port = (uint32_t)strtoul(at, &at, 10);
	for (unsigned i = 0; i < PAGES; i++)
		references[i] = (uint32_t)strtoul(at, &at, 10);
}

void set_up_cost_b(struct side *side)
{
	struct channel *channels[PAIRS];
	void *pages[PAIRS];
	int64_t times[PAIRS];

	for (unsigned i = 0; i < PAIRS; i++) {
		uint32_t references[PAGES], port;
		int64_t start;

		parse_pair(side, i, &port, references);
		start = now_us();
		CHECK_RESULT(
			side->ops->channel_bind(side->platform, side->peer, port, &channels[i]), 0);
		CHECK_RESULT(side->ops->map(side->platform, side->peer, references, PAGES, true,
					    &pages[i]),
			     0);
		times[i] = now_us() - start;
	}
	report(side, "bind a channel and map 33 pages", times);
	for (unsigned i = 0; i < PAIRS; i++) {
		side->ops->unmap(side->platform, pages[i], PAGES);
		side->ops->channel_close(channels[i]);
	}
	meet(side, "mapped");
}
