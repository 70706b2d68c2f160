/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one call asks the store when its place for requests is full of others' nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xsock/xsock.h>

#include "conn/presence.h"

#include "../unit.h"

#define NODES 200
#define MANY 100 /* questions: fewer than nodes */
#define WHOLE 30
#define FEW 5
#define ROUND 40 /* calls: more than it takes to look at each node */
#define PLACE "/local/domain/3/data/xsock/service/busy/any"

static char directory[40];
static const struct platform_ops *real;
static struct platform *platform;
static struct store *store; /* of those who fill the place */
static struct xsock *listener;
static unsigned questions, writes;

static ssize_t count_read(struct store *asked, const char *path, char *value, size_t size)
{
	questions++;
	return real->store_read(asked, path, value, size);
}

static int count_write(struct store *asked, const char *path, const char *value)
{
	questions++;
	writes++;
	return real->store_write(asked, path, value);
}

static int count_remove(struct store *asked, const char *path)
{
	questions++;
	return real->store_remove(asked, path);
}

static int count_permissions(struct store *asked, const char *path,
			     struct store_permissions *permissions)
{
	questions++;
	return real->store_get_permissions(asked, path, permissions);
}

static int count_list(struct store *asked, const char *path, char **names)
{
	questions++;
	return real->store_list(asked, path, names);
}

static int set_up(void **state)
{
	static struct platform_ops counted;

	(void)state;
	strcpy(directory, "/tmp/xsock-looks-XXXXXX");
	if (mkdtemp(directory) == NULL || setenv("XSOCK_LOCAL_DIR", directory, 1) != 0 ||
	    setenv("XSOCK_LOCAL_DOMAIN", "3", 1) != 0 || presence_enter("local", &platform) != 0)
		return -1;
	real = platform->ops;
	counted = *real;
	counted.store_read = count_read;
	counted.store_write = count_write;
	counted.store_remove = count_remove;
	counted.store_get_permissions = count_permissions;
	counted.store_list = count_list;
	platform->ops = &counted;
	listener = xsock_listen("busy", NULL);
	return listener == NULL || real->store_open(platform, &store) != 0;
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	xsock_close(listener);
	real->store_close(store);
	platform->ops = real;
	presence_leave(platform);
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

/* Halves of requests: nobody has said yet who may read them. */
static void fill_place(void)
{
	char path[STORE_PATH_MAX];

	for (int number = 0; number < NODES; number++) {
		snprintf(path, sizeof path, PLACE "/%016x", number);
		assert_int_equal(real->store_write(store, path, "half"), 0);
	}
}

/* What it asked in that call. */
static unsigned call(void)
{
	questions = 0;
	assert_null(xsock_accept(listener, 0));
	return questions;
}

static void one_call_asks_little(void **state)
{
	(void)state;
	fill_place();
	for (int at = 0; at < ROUND; at++)
		assert_in_range(call(), 0, MANY);
}

/* Whole ones of one domain, each of which takes an answer. */
static void one_call_answers_few_of_one_domain(void **state)
{
	const struct store_permissions closed = { .owner = 3 };
	char path[STORE_PATH_MAX];
	unsigned answered = 0;

	(void)state;
	for (int number = 0; number < WHOLE; number++) {
		snprintf(path, sizeof path, PLACE "/%016x", number);
		assert_int_equal(real->store_put(store, path, "nonsense", &closed), 0);
	}
	for (int at = 0; at < ROUND && answered < WHOLE; at++) {
		writes = 0;
		call();
		assert_in_range(writes, 0, FEW);
		answered += writes;
	}
	assert_int_equal(answered, WHOLE);
}

static void all_is_looked_at_and_then_it_rests(void **state)
{
	const struct store_permissions closed = { .owner = 3 };
	char text[STORE_VALUE_MAX] = "nonsense";

	(void)state;
	fill_place();
	assert_int_equal(real->store_put(store, PLACE "/fedcba9876543210", text, &closed), 0);
	for (int at = 0; at < ROUND && !strcmp(text, "nonsense"); at++) {
		call();
		assert_true(real->store_read(store, PLACE "/fedcba9876543210", text, sizeof text) >
			    0);
	}
	assert_string_not_equal(text, "nonsense");
	for (int at = 0; call() > 0; at++)
		assert_in_range(at, 0, ROUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_call_asks_little, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_call_answers_few_of_one_domain, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(all_is_looked_at_and_then_it_rests, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
