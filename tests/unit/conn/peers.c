/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One watch for each peer domain; its end is told to all connections with it, and to no other. */
#include "conn/peers.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "conn/address.h"
#include "fake.h"

#include "../unit.h"

#define DOMAINS 8
#define OWN 0

/* A store that holds alive nodes only. */
static struct {
	bool alive[DOMAINS];
	int watches[DOMAINS];
	unsigned stores;
	int word;  /* what they say */
	int error; /* of reading them */
	char event[STORE_PATH_MAX];
} world;

static unsigned domain_of(const char *path)
{
	unsigned domain = DOMAINS;

	assert_int_equal(sscanf(path, "/local/domain/%u/data/xsock/alive", &domain), 1);
	assert_true(domain < DOMAINS);
	return domain;
}

static int store_open(struct platform *platform, struct store **store)
{
	*store = (struct store *)platform;
	world.stores++;
	return 0;
}

static void store_close(struct store *store)
{
	(void)store;
	world.stores--;
	world.watches[OWN] = 0;
}

static ssize_t store_read(struct store *store, const char *path, char *value, size_t size)
{
	(void)store;
	if (world.error != 0)
		return world.error;
	if (!world.alive[domain_of(path)])
		return -ENOENT;
	return snprintf(value, size, "%d", world.word);
}

static int store_watch(struct store *store, const char *path)
{
	(void)store;
	world.watches[domain_of(path)]++;
	return 0;
}

static int store_unwatch(struct store *store, const char *path)
{
	(void)store;
	world.watches[domain_of(path)]--;
	return 0;
}

static int store_fd(struct store *store)
{
	(void)store;
	return 77;
}

static int store_next(struct store *store, char *path, size_t size)
{
	(void)store;
	if (world.event[0] == '\0')
		return 0;
	snprintf(path, size, "%s", world.event);
	world.event[0] = '\0';
	return 1;
}

static const struct platform_ops ops = {
	.store_open = store_open,
	.store_close = store_close,
	.store_read = store_read,
	.store_watch = store_watch,
	.store_unwatch = store_unwatch,
	.store_fd = store_fd,
	.store_next = store_next,
};
static const struct platform_ops telling_ops = { .channels_tell_all = true };

static struct platform platform = { .ops = &ops, .self = OWN, .alive = "0" };
static struct platform telling = { .ops = &telling_ops };
static struct fake ends[3];
static struct peer_link links[3];

static int set_up(void **state)
{
	(void)state;
	memset(&world, 0, sizeof world);
	for (unsigned domain = 0; domain < DOMAINS; domain++)
		world.alive[domain] = true;
	for (size_t at = 0; at < 3; at++)
		fake_open(&ends[at]);
	return 0;
}

static int tear_down(void **state)
{
	bool left = world.stores != 0;

	(void)state;
	for (unsigned domain = 0; domain < DOMAINS; domain++)
		left = left || world.watches[domain] != 0;
	for (size_t at = 0; at < 3; at++)
		fake_close(&ends[at]);
	return left;
}

static int join(size_t at, unsigned domain, unsigned limit)
{
	const struct peer_limits limits = { .domain_connections = limit };

	return peer_join(&platform, domain, &limits, &links[at], &ends[at].endpoint);
}

/* `limit` pages of all with the domain. */
static int claim(size_t at, size_t pages, size_t limit)
{
	links[at].limits.domain_pages = limit;
	return peer_claim(&links[at], pages);
}

static void destroy(unsigned domain, const char *changed)
{
	world.alive[domain] = false;
	snprintf(world.event, sizeof world.event, "%s", changed);
	peer_drain(&links[0]);
}

static bool alarmed(size_t at)
{
	struct pollfd polled = { .fd = ends[at].endpoint.alarm_fd, .events = POLLIN };

	return poll(&polled, 1, 0) == 1;
}

static void one_watch_a_domain(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	assert_int_equal(join(1, 1, 0), 0);
	assert_int_equal(join(2, 2, 0), 0);
	assert_int_equal(world.stores, 1);
	assert_int_equal(world.watches[1], 1);
	assert_int_equal(world.watches[2], 1);
	assert_int_equal(peer_fd(&links[0]), 77);
	peer_leave(&links[0]);
	assert_int_equal(world.watches[1], 1);
	peer_leave(&links[1]);
	assert_int_equal(world.watches[1], 0);
	assert_int_equal(world.stores, 1);
	peer_leave(&links[2]);
	assert_int_equal(world.stores, 0);
	peer_leave(&links[2]);
}

static void so_many_connections_of_one_domain(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 1), 0);
	assert_int_equal(join(1, 1, 1), -EDQUOT);
	assert_int_equal(links[1].over, CAUSE_DOMAIN_CONNECTIONS);
	assert_int_equal(peer_fd(&links[1]), -1);
	assert_int_equal(join(1, 2, 1), 0);
	assert_int_equal(join(2, 1, 2), 0);
	for (size_t at = 0; at < 3; at++)
		peer_leave(&links[at]);
	assert_int_equal(join(0, 1, 1), 0);
	peer_leave(&links[0]);
}

static void gone_before(void **state)
{
	(void)state;
	world.alive[3] = false;
	assert_int_equal(join(0, 3, 0), -ECONNRESET);
	assert_int_equal(world.watches[3], 0);
	assert_int_equal(world.stores, 0);
	peer_leave(&links[0]);
}

static void the_end_alarms_its_connections(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	assert_int_equal(join(1, 1, 0), 0);
	assert_int_equal(join(2, 2, 0), 0);
	destroy(1, "/local/domain/1/data/xsock/alive");
	assert_true(peer_gone(&links[0]) && peer_gone(&links[1]));
	assert_false(peer_gone(&links[2]));
	assert_true(alarmed(0) && alarmed(1));
	assert_false(alarmed(2));
	for (size_t at = 0; at < 3; at++)
		peer_leave(&links[at]);
}

/* A destroyed domain's whole directory goes; XenStore may name the node above. */
static void the_end_of_a_node_above(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	destroy(1, "/local/domain/1");
	assert_true(peer_gone(&links[0]));
	peer_leave(&links[0]);
}

static void events_that_say_nothing(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	assert_int_equal(join(1, 2, 0), 0);
	snprintf(world.event, sizeof world.event, "/local/domain/1/data/xsock/alive");
	peer_drain(&links[0]);
	assert_false(peer_gone(&links[0]));
	/* Another domain's number that starts with the same digit. */
	destroy(2, "/local/domain/20/data/xsock/alive");
	assert_false(peer_gone(&links[1]));
	peer_leave(&links[0]);
	peer_leave(&links[1]);
}

/* A domain's number can come back while connections with its predecessor are still open. */
static void a_successor_is_another_peer(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	destroy(1, "/local/domain/1/data/xsock/alive");
	assert_int_equal(join(1, 1, 0), -ECONNRESET);
	world.alive[1] = true;
	assert_int_equal(join(1, 1, 0), 0);
	assert_int_equal(world.watches[1], 1);
	assert_true(peer_gone(&links[0]));
	assert_false(peer_gone(&links[1]));
	peer_leave(&links[0]);
	assert_int_equal(world.watches[1], 1);
	assert_false(peer_gone(&links[1]));
	peer_leave(&links[1]);
}

/* A domain that removes its sign of life and makes it anew has what it had. */
static void a_successor_has_no_limits_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 2), 0);
	assert_int_equal(claim(0, 60, 100), 0);
	destroy(1, "/local/domain/1/data/xsock/alive");
	world.alive[1] = true;
	assert_int_equal(join(1, 1, 1), -EDQUOT);
	assert_int_equal(links[1].over, CAUSE_DOMAIN_CONNECTIONS);
	assert_int_equal(world.watches[1], 0);
	assert_int_equal(join(1, 1, 2), 0);
	assert_int_equal(claim(1, 41, 100), -EDQUOT);
	assert_int_equal(links[1].over, CAUSE_DOMAIN_BYTES);
	assert_int_equal(claim(1, 40, 100), 0);
	peer_leave(&links[0]);
	assert_int_equal(claim(1, 60, 100), 0);
	peer_leave(&links[1]);
}

static void join_two(void)
{
	assert_int_equal(join(0, 1, 0), 0);
	assert_int_equal(join(1, 2, 0), 0);
	snprintf(world.event, sizeof world.event, "/local/domain/0/data/xsock/alive");
	peer_drain(&links[0]);
	assert_false(peer_gone(&links[0]) || peer_gone(&links[1]));
	snprintf(world.event, sizeof world.event, "/local/domain/0/data/xsock/alive");
}

static void expect_all_lost(void)
{
	peer_drain(&links[1]);
	assert_true(peer_gone(&links[0]) && peer_gone(&links[1]));
	assert_true(alarmed(0) && alarmed(1));
	assert_int_equal(join(2, 3, 0), -ECONNRESET);
	peer_leave(&links[0]);
	peer_leave(&links[1]);
}

/* Saved and restored under another number: its own node is not there any more. */
static void a_restored_domain_has_lost_all(void **state)
{
	(void)state;
	join_two();
	world.alive[OWN] = false;
	expect_all_lost();
}

/* Under the number of before, and another process of it was there first. */
static void a_restored_domain_may_have_its_number(void **state)
{
	(void)state;
	join_two();
	world.word = 1;
	expect_all_lost();
}

/* Who closes a channel asks, as the watch may be yet to fire. */
static void a_restored_domain_knows_when_asked(void **state)
{
	(void)state;
	join_two();
	assert_false(peer_was_restored(&links[0]));
	world.alive[OWN] = false;
	assert_true(peer_was_restored(&links[0]));
	expect_all_lost();
}

/* Found by a listener, before its watch told of it here. */
static void a_restored_domain_may_be_told_of_it(void **state)
{
	(void)state;
	join_two();
	peers_restored(&telling);
	assert_false(peer_was_restored(&links[0]));
	world.event[0] = '\0';
	peers_restored(&platform);
	assert_true(peer_was_restored(&links[0]));
	expect_all_lost();
}

/* A restore, too. */
static void what_could_not_be_read_of_its_own_is_looked_at_again(void **state)
{
	(void)state;
	join_two();
	world.error = -EIO;
	world.alive[OWN] = false;
	snprintf(world.event, sizeof world.event, "/local/domain/0/data/xsock/alive");
	peer_drain(&links[0]);
	assert_true(alarmed(0) && alarmed(1));
	assert_false(peer_gone(&links[0]));
	assert_false(peer_next_look(&links[1]).never);
	world.error = 0;
	peer_drain(&links[1]);
	assert_true(peer_next_look(&links[0]).never);
	expect_all_lost();
}

static void what_could_not_be_read_is_looked_at_again(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	assert_true(peer_next_look(&links[0]).never);
	world.alive[1] = false;
	world.error = -EIO;
	snprintf(world.event, sizeof world.event, "/local/domain/1/data/xsock/alive");
	peer_drain(&links[0]);
	assert_false(peer_gone(&links[0]));
	assert_false(peer_next_look(&links[0]).never);
	world.error = 0;
	peer_drain(&links[0]);
	assert_true(peer_gone(&links[0]));
	assert_true(peer_next_look(&links[0]).never);
	peer_leave(&links[0]);
}

/* Whose connections sleep, as another one's thread took the event. */
static void who_is_to_look_again_is_told(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	assert_int_equal(join(1, 2, 0), 0);
	world.alive[1] = false;
	world.error = -EIO;
	snprintf(world.event, sizeof world.event, "/local/domain/1/data/xsock/alive");
	peer_drain(&links[1]);
	assert_true(alarmed(0));
	assert_false(alarmed(1));
	/* Not again each time, or it would never sleep. */
	endpoint_drain(&ends[0].endpoint);
	peer_drain(&links[0]);
	assert_false(alarmed(0));
	world.error = 0;
	peer_drain(&links[0]);
	assert_true(peer_gone(&links[0]));
	peer_leave(&links[0]);
	peer_leave(&links[1]);
}

static void where_channels_tell_all_nothing_is_watched(void **state)
{
	const struct peer_limits one = { .domain_connections = 1 };

	(void)state;
	assert_int_equal(peer_join(&telling, 1, &one, &links[0], &ends[0].endpoint), 0);
	assert_int_equal(peer_join(&telling, 1, &one, &links[1], &ends[1].endpoint), -EDQUOT);
	assert_int_equal(peer_fd(&links[0]), -1);
	peer_drain(&links[0]);
	assert_false(peer_gone(&links[0]));
	peer_leave(&links[0]);
}

/* Of all connections with one domain together; for want of pages they are alarmed. */
static void so_many_pages_of_one_domain(void **state)
{
	(void)state;
	assert_int_equal(join(0, 1, 0), 0);
	assert_int_equal(join(1, 1, 0), 0);
	assert_int_equal(join(2, 2, 0), 0);
	assert_int_equal(claim(0, 60, 100), 0);
	assert_int_equal(claim(1, 40, 100), 0);
	assert_false(alarmed(0));
	assert_int_equal(claim(1, 1, 100), -EDQUOT);
	assert_int_equal(links[1].over, CAUSE_DOMAIN_BYTES);
	assert_true(alarmed(0));
	assert_true(alarmed(1));
	assert_false(alarmed(2));
	assert_int_equal(claim(2, 100, 100), 0);
	/* Another connection may have a limit of its own. */
	assert_int_equal(claim(0, 1, 0), 0);
	assert_int_equal(claim(1, SIZE_MAX, 100), -EDQUOT);
	peer_unclaim(&links[0], 11);
	assert_int_equal(claim(1, 11, 100), -EDQUOT);
	assert_int_equal(claim(1, 10, 100), 0);
	/* Who leaves claims nothing any more. */
	peer_leave(&links[0]);
	assert_int_equal(claim(1, 51, 100), -EDQUOT);
	assert_int_equal(claim(1, 50, 100), 0);
	peer_leave(&links[1]);
	peer_leave(&links[2]);
}

/* Domain `at` + 1 and what all domains may have here together. */
static int join_of_all(size_t at, unsigned connections, size_t pages)
{
	const struct peer_limits limits = { .connections = connections, .pages = pages };

	return peer_join(&platform, (unsigned)at + 1, &limits, &links[at], &ends[at].endpoint);
}

static void so_many_connections_of_all(void **state)
{
	(void)state;
	assert_int_equal(join_of_all(0, 2, 0), 0);
	assert_int_equal(join_of_all(1, 2, 0), 0);
	assert_int_equal(join_of_all(2, 2, 0), -EDQUOT);
	assert_int_equal(links[2].over, CAUSE_CONNECTIONS);
	/* The domain that was turned away is not watched on. */
	assert_int_equal(world.watches[3], 0);
	peer_leave(&links[0]);
	assert_int_equal(join_of_all(2, 2, 0), 0);
	peer_leave(&links[1]);
	peer_leave(&links[2]);
	assert_int_equal(world.stores, 0);
}

static void so_many_pages_of_all(void **state)
{
	(void)state;
	assert_int_equal(join_of_all(0, 0, 100), 0);
	assert_int_equal(join_of_all(1, 0, 100), 0);
	assert_int_equal(peer_claim(&links[0], 60), 0);
	assert_int_equal(peer_claim(&links[1], 41), -EDQUOT);
	assert_int_equal(links[1].over, CAUSE_BYTES);
	assert_true(alarmed(0) && alarmed(1));
	assert_int_equal(peer_claim(&links[1], 40), 0);
	peer_unclaim(&links[0], 10);
	assert_int_equal(peer_claim(&links[1], 10), 0);
	peer_leave(&links[0]);
	assert_int_equal(peer_claim(&links[1], 51), -EDQUOT);
	assert_int_equal(peer_claim(&links[1], 50), 0);
	peer_leave(&links[1]);
}

#define IN_WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN(IN_WORLD(one_watch_a_domain), IN_WORLD(so_many_connections_of_one_domain),
    IN_WORLD(so_many_pages_of_one_domain), IN_WORLD(so_many_connections_of_all),
    IN_WORLD(so_many_pages_of_all), IN_WORLD(gone_before), IN_WORLD(the_end_alarms_its_connections),
    IN_WORLD(the_end_of_a_node_above), IN_WORLD(events_that_say_nothing),
    IN_WORLD(a_successor_is_another_peer), IN_WORLD(a_successor_has_no_limits_of_its_own),
    IN_WORLD(a_restored_domain_has_lost_all), IN_WORLD(a_restored_domain_may_have_its_number),
    IN_WORLD(a_restored_domain_may_be_told_of_it), IN_WORLD(a_restored_domain_knows_when_asked),
    IN_WORLD(what_could_not_be_read_is_looked_at_again),
    IN_WORLD(what_could_not_be_read_of_its_own_is_looked_at_again),
    IN_WORLD(who_is_to_look_again_is_told), IN_WORLD(where_channels_tell_all_nothing_is_watched))
