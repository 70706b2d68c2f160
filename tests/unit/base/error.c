/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <pthread.h>
#include <string.h>

/* CMocka has a macro of this name. */
static int note(int error, const char *text)
{
	return fail(error, "%s", text);
}

static int note_number(int error, int number)
{
	return fail(error, "number %d is wrong", number);
}

static int note_often(int error, unsigned number)
{
	return fail_often(error, "still ", number, " to go");
}

#include "../unit.h"

static void returns_the_number_negative(void **state)
{
	(void)state;
	assert_int_equal(note(EPROTO, "x"), -EPROTO);
	assert_int_equal(note(EINVAL, ""), -EINVAL);
}

static void keeps_the_last_sentence(void **state)
{
	(void)state;
	note(EINVAL, "first");
	note_number(EPERM, 12);
	assert_string_equal(last_failure(), "number 12 is wrong");
	note(EPERM, "third");
	assert_string_equal(last_failure(), "third");
}

static void makes_some_when_asked(void **state)
{
	struct failure failure;

	(void)state;
	note(EINVAL, "first");
	assert_int_equal(note_often(EAGAIN, 7), -EAGAIN);
	assert_string_equal(last_failure(), "still 7 to go");
	assert_string_equal(last_failure(), "still 7 to go");
	note_often(EAGAIN, 8);
	failure_save(&failure);
	note(EINVAL, "third");
	failure_restore(&failure);
	failure_show();
	note(EINVAL, "fourth");
	assert_string_equal(shown_failure(), "still 8 to go");
	assert_string_equal(last_failure(), "fourth");
}

static void cuts_what_is_too_long(void **state)
{
	char text[2000];

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	note(EINVAL, text);
	assert_in_range(strlen(last_failure()), 200, sizeof text - 2);
	assert_int_equal(strspn(last_failure(), "x"), strlen(last_failure()));
}

/* Returns its argument, which is not NULL, when something is wrong. */
static void *other_thread(void *argument)
{
	if (strcmp(last_failure(), "mine") == 0)
		return argument;
	note(EINVAL, "theirs");
	return NULL;
}

static void each_thread_has_its_own(void **state)
{
	pthread_t thread;
	void *wrong;

	note(EINVAL, "mine");
	assert_int_equal(pthread_create(&thread, NULL, other_thread, state), 0);
	pthread_join(thread, &wrong);
	assert_null(wrong);
	assert_string_equal(last_failure(), "mine");
}

RUN(TEST(returns_the_number_negative), TEST(keeps_the_last_sentence), TEST(makes_some_when_asked),
    TEST(cuts_what_is_too_long), TEST(each_thread_has_its_own))
