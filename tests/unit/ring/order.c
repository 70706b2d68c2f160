/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Mark, then look again; publish, then look at the mark. The word to be stored lies on a page that
 * cannot be written: the fault stops the ring right before its store, and there the peer acts.
 */
#include "ring.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../unit.h"

#define PAGE ((size_t)4096)

/* The indices at the end of one page, the marks at the start of the next. */
static uint8_t *pages;
static struct control_direction *shared;
static struct producer out;
static struct consumer in;
static uint8_t data[RING_SIZE];

static void (*peer_acts)(void);
static unsigned acted;

static void protect(size_t page, int protection)
{
	if (mprotect(pages + page * PAGE, PAGE, protection) != 0)
		_exit(1);
}

static void on_fault(int signal)
{
	(void)signal;
	protect(0, PROT_READ | PROT_WRITE);
	protect(1, PROT_READ | PROT_WRITE);
	if (acted++ > 0)
		_exit(1);
	peer_acts();
}

static int set_up(void **state)
{
	(void)state;
	pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared = (struct control_direction *)(pages + PAGE -
					      offsetof(struct control_direction, space_wanted));
	producer_init(&out, shared, data, sizeof data);
	consumer_init(&in, shared, data, sizeof data);
	acted = 0;
	return pages == MAP_FAILED;
}

static int tear_down(void **state)
{
	(void)state;
	return munmap(pages, 2 * PAGE);
}

/* From here on the next store to `page` is where the peer acts. */
static void stop_at(size_t page, void (*action)(void))
{
	struct sigaction fault = { .sa_handler = on_fault };

	/* Until the end of the test: CMocka sets its own for each. */
	assert_int_equal(sigaction(SIGSEGV, &fault, NULL), 0);
	peer_acts = action;
	protect(page, PROT_READ);
}

#define INDICES 0
#define MARKS 1

static void peer_publishes(void)
{
	producer_copy(&out, "x", 1);
	producer_publish(&out);
}

static void data_that_comes_before_the_mark_is_seen(void **state)
{
	(void)state;
	stop_at(MARKS, peer_publishes);
	assert_true(consumer_has_data(&in, 1, false));
	assert_int_equal(acted, 1);
}

static void eager_sees_it_too(void **state)
{
	(void)state;
	stop_at(MARKS, peer_publishes);
	assert_true(consumer_has_data(&in, 1, true));
	assert_int_equal(acted, 1);
}

/* Too few, but they moved past the mark unannounced: nothing that follows would cross it. */
static void eager_does_not_sleep_on_a_mark_that_was_passed(void **state)
{
	(void)state;
	stop_at(MARKS, peer_publishes);
	assert_true(consumer_has_data(&in, 2, true));
	assert_false(consumer_has_data(&in, 2, true));
	producer_copy(&out, "x", 1);
	assert_true(producer_publish(&out));
}

static void a_mark_that_was_not_reached_still_wakes(void **state)
{
	(void)state;
	stop_at(MARKS, peer_publishes);
	assert_false(consumer_has_data(&in, 2, false));
	producer_copy(&out, "x", 1);
	assert_true(producer_publish(&out));
}

static void peer_releases(void)
{
	consumer_refresh(&in);
	consumer_release(&in, 1);
}

static void space_that_comes_before_the_mark_is_seen(void **state)
{
	(void)state;
	producer_copy(&out, data, sizeof data);
	producer_publish(&out);
	stop_at(MARKS, peer_releases);
	assert_true(producer_has_space(&out, 1, RING_SIZE / 2));
	assert_int_equal(acted, 1);
}

static void peer_wants_data(void)
{
	consumer_has_data(&in, 1, false);
}

static void a_mark_that_comes_before_the_publishing_is_seen(void **state)
{
	(void)state;
	producer_copy(&out, "x", 1);
	stop_at(INDICES, peer_wants_data);
	assert_true(producer_publish(&out));
	assert_int_equal(acted, 1);
}

static void peer_wants_space(void)
{
	producer_has_space(&out, 1, 1);
}

static void a_mark_that_comes_before_the_release_is_seen(void **state)
{
	(void)state;
	producer_copy(&out, data, sizeof data);
	producer_publish(&out);
	assert_int_equal(consumer_refresh(&in), 0);
	stop_at(INDICES, peer_wants_space);
	assert_true(consumer_release(&in, 1));
	assert_int_equal(acted, 1);
}

#define ON_PAGES(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN(ON_PAGES(data_that_comes_before_the_mark_is_seen), ON_PAGES(eager_sees_it_too),
    ON_PAGES(eager_does_not_sleep_on_a_mark_that_was_passed),
    ON_PAGES(a_mark_that_was_not_reached_still_wakes),
    ON_PAGES(space_that_comes_before_the_mark_is_seen),
    ON_PAGES(a_mark_that_comes_before_the_publishing_is_seen),
    ON_PAGES(a_mark_that_comes_before_the_release_is_seen))
