/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who is let in: a domain's part of the backlog, the whole of it, and the rate. */
#include "conn/admission.h"

#include <errno.h>

#include "../unit.h"

static struct listener listener;
static struct terms terms;

static int set_up(void **state)
{
	(void)state;
	listener = (struct listener){
		.wishes = { .domain = 1, .max = 65536 },
		.limits = { .backlog = 8, .domain_backlog = 6, .ring_bytes = 65536 },
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rates_free(&listener.rates);
	return 0;
}

static struct message request(void)
{
	struct message message = { 0 };
	struct wishes wishes = { .send = 4096, .recv = 4096 };

	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	message_set_wishes(&message, &wishes);
	message_set(&message, KEY_NONCE, 1);
	return message;
}

static enum cause ask(unsigned domain, unsigned pending)
{
	struct message message = request();

	return admit(&listener, domain, pending, &message, &terms).cause;
}

static void a_domain_has_its_share(void **state)
{
	(void)state;
	assert_int_equal(ask(2, 5), CAUSE_NONE);
	assert_int_equal(ask(2, 6), CAUSE_DOMAIN_BACKLOG);
}

/* Two that hold all of it do not keep a third out. */
static void a_domain_without_any_has_a_place(void **state)
{
	(void)state;
	listener.waiting = 8;
	assert_int_equal(ask(2, 1), CAUSE_BACKLOG);
	assert_int_equal(ask(4, 0), CAUSE_NONE);
}

static void what_is_over_the_backlog_costs_no_rate(void **state)
{
	(void)state;
	listener.limits.domain_rate = 1;
	assert_int_equal(ask(2, 6), CAUSE_DOMAIN_BACKLOG);
	assert_int_equal(ask(2, 0), CAUSE_NONE);
	assert_int_equal(ask(2, 0), CAUSE_DOMAIN_RATE);
	assert_int_equal(ask(3, 0), CAUSE_NONE);
}

/* A flood of nonsense is one too. */
static void nonsense_counts(void **state)
{
	struct message message = { 0 };

	(void)state;
	listener.limits.domain_rate = 1;
	message_set(&message, KEY_VERSION, MESSAGE_VERSION);
	assert_int_equal(admit(&listener, 2, 0, &message, &terms).reason, REFUSED_MALFORMED);
	assert_int_equal(admit(&listener, 2, 0, &message, &terms).cause, CAUSE_DOMAIN_RATE);
}

static void a_ring_over_the_limit(void **state)
{
	struct message message = request();

	(void)state;
	listener.limits.ring_bytes = 2048;
	assert_int_equal(admit(&listener, 2, 0, &message, &terms).reason, REFUSED_LIMIT);
	assert_int_equal(admit(&listener, 2, 0, &message, &terms).cause, CAUSE_RING);
}

static void what_a_failure_means(void **state)
{
	(void)state;
	assert_int_equal(verdict_of(-EDQUOT, CAUSE_BYTES).reason, REFUSED_LIMIT);
	assert_int_equal(verdict_of(-EDQUOT, CAUSE_BYTES).cause, CAUSE_BYTES);
	assert_int_equal(verdict_of(-EINVAL, CAUSE_NONE).cause, CAUSE_PAGES);
	assert_int_equal(verdict_of(-EMFILE, CAUSE_NONE).cause, CAUSE_RESOURCES);
}

#define FRESH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN(FRESH(a_domain_has_its_share), FRESH(a_domain_without_any_has_a_place),
    FRESH(what_is_over_the_backlog_costs_no_rate), FRESH(nonsense_counts),
    FRESH(a_ring_over_the_limit), FRESH(what_a_failure_means))
