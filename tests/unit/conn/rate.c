/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Set-ups a second: so many at once, then evenly; each domain by itself, and all together. */
#include "conn/rate.h"

#include <string.h>
#include <time.h>

#include "../unit.h"

static struct rates rates;

static int set_up(void **state)
{
	(void)state;
	memset(&rates, 0, sizeof rates);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	rates_free(&rates);
	return 0;
}

static void as_many_at_once_and_no_more(void **state)
{
	(void)state;
	for (int count = 0; count < 5; count++)
		assert_int_equal(rates_take(&rates, 1, 5, 0), CAUSE_NONE);
	assert_int_equal(rates_take(&rates, 1, 5, 0), CAUSE_DOMAIN_RATE);
	assert_int_equal(rates_take(&rates, 2, 5, 0), CAUSE_NONE);
}

static void all_together(void **state)
{
	(void)state;
	for (unsigned domain = 1; domain <= 3; domain++)
		assert_int_equal(rates_take(&rates, domain, 2, 3), CAUSE_NONE);
	assert_int_equal(rates_take(&rates, 1, 2, 3), CAUSE_RATE);
	assert_int_equal(rates_take(&rates, 4, 2, 3), CAUSE_RATE);
	/* What was refused for all cost its domain nothing. */
	assert_int_equal(rates_take(&rates, 1, 2, 0), CAUSE_NONE);
	assert_int_equal(rates_take(&rates, 1, 2, 0), CAUSE_DOMAIN_RATE);
}

static void time_gives_it_back(void **state)
{
	const struct timespec moment = { .tv_nsec = 2000000 };

	(void)state;
	for (int count = 0; count < 1000; count++)
		assert_int_equal(rates_take(&rates, 1, 1000, 0), CAUSE_NONE);
	nanosleep(&moment, NULL);
	assert_int_equal(rates_take(&rates, 1, 1000, 0), CAUSE_NONE);
}

static void no_limit(void **state)
{
	(void)state;
	for (int count = 0; count < 10000; count++)
		assert_int_equal(rates_take(&rates, 1, 0, 0), CAUSE_NONE);
}

/* Else a listener would keep something of every domain that ever asked. */
static void who_asked_long_ago_is_forgotten(void **state)
{
	const struct timespec moment = { .tv_nsec = 2000000 };

	(void)state;
	assert_int_equal(rates_take(&rates, 1, 1000, 0), CAUSE_NONE);
	nanosleep(&moment, NULL);
	assert_int_equal(rates_take(&rates, 2, 1, 0), CAUSE_NONE);
	assert_int_equal(rates_take(&rates, 3, 1, 0), CAUSE_NONE);
	for (const struct rate_of_domain *rate = rates.domains; rate != NULL; rate = rate->next)
		assert_int_not_equal(rate->domain, 1);
}

#define FRESH(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN(FRESH(as_many_at_once_and_no_more), FRESH(all_together), FRESH(time_gives_it_back),
    FRESH(no_limit), FRESH(who_asked_long_ago_is_forgotten))
