/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose a descriptor is, and where it goes. */
#include "base/owned.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"

static int reset(void **state)
{
	(void)state;
	set_descriptor_floor(0);
	return 0;
}

static int fresh(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void owned_from_open_to_close(void **state)
{
	int fd = fresh(), number = fd;

	(void)state;
	assert_false(is_own_descriptor(fd));
	assert_int_equal(own_descriptor(fd), number);
	assert_true(is_own_descriptor(fd));
	assert_false(is_own_descriptor(fd + 1));
	close_descriptor(&fd);
	assert_int_equal(fd, -1);
	assert_false(is_own_descriptor(number));
	assert_false(is_open(number));
	close_descriptor(&fd);
	assert_int_equal(fd, -1);
}

static void in_place_and_given_up(void **state)
{
	int fd = fresh();

	(void)state;
	set_descriptor_floor(300);
	own_in_place(fd);
	assert_true(is_own_descriptor(fd));
	disown_descriptor(fd);
	assert_false(is_own_descriptor(fd));
	assert_true(is_open(fd));
	close(fd);
}

static void a_failure_passes(void **state)
{
	(void)state;
	set_descriptor_floor(300);
	errno = EMFILE;
	assert_int_equal(own_descriptor(-1), -1);
	assert_int_equal(errno, EMFILE);
}

static void moved_to_the_floor(void **state)
{
	int fd = fresh(), high, higher;
	eventfd_t count;

	(void)state;
	set_descriptor_floor(300);
	assert_int_equal(eventfd_write(fd, 7), 0);
	high = own_descriptor(fd);
	assert_true(high >= 300);
	assert_false(is_open(fd));
	assert_false(is_own_descriptor(fd));
	assert_true(is_own_descriptor(high));
	assert_int_equal(fcntl(high, F_GETFD), FD_CLOEXEC);
	assert_int_equal(eventfd_read(high, &count), 0);
	assert_int_equal(count, 7);
	/* The next one beside it; one that is high enough stays. */
	higher = own_descriptor(fresh());
	assert_true(higher >= 300 && higher != high);
	assert_int_equal(own_descriptor(higher), higher);
	close_descriptor(&high);
	close_descriptor(&higher);
	set_descriptor_floor(0);
	high = own_descriptor(fresh());
	assert_true(high < 300);
	close_descriptor(&high);
}

static void stays_where_nothing_is_free(void **state)
{
	struct rlimit limit;
	int fd = fresh(), number = fd;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	set_descriptor_floor((int)limit.rlim_cur);
	assert_int_equal(own_descriptor(fd), number);
	assert_true(is_own_descriptor(number));
	set_descriptor_floor(INT_MAX);
	assert_int_equal(own_descriptor(fd), number);
	close_descriptor(&fd);
}

static void numbers_that_are_none(void **state)
{
	static const int numbers[] = { -1, INT_MIN, INT_MAX, 1 << 20, (1 << 20) + 1 };

	(void)state;
	for (size_t at = 0; at < COUNT(numbers); at++) {
		own_in_place(numbers[at]);
		assert_false(is_own_descriptor(numbers[at]));
		disown_descriptor(numbers[at]);
	}
	own_in_place((1 << 20) - 1);
	assert_true(is_own_descriptor((1 << 20) - 1));
	disown_descriptor((1 << 20) - 1);
}

/* What the parent does later is its own. */
static void a_child_has_its_own_view(void **state)
{
	int kept = own_descriptor(fresh()), closed = own_descriptor(fresh());
	int numbers[] = { kept, closed }, status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		close_descriptor(&closed);
		_exit(is_own_descriptor(numbers[0]) && !is_own_descriptor(numbers[1]) ? 0 : 1);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(is_own_descriptor(kept) && is_own_descriptor(closed));
	close_descriptor(&kept);
	close_descriptor(&closed);
}

#define ROUNDS 20000

static void *open_and_close(void *argument)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		int fd = own_descriptor(dup(*(int *)argument));

		/* Neighbours in one word come and go meanwhile. */
		if (fd < 0 || !is_own_descriptor(fd))
			return argument;
		close_descriptor(&fd);
	}
	return NULL;
}

static void threads_side_by_side(void **state)
{
	pthread_t threads[4];
	int source = fresh();
	void *failed;

	(void)state;
	for (size_t at = 0; at < COUNT(threads); at++)
		assert_int_equal(pthread_create(&threads[at], NULL, open_and_close, &source), 0);
	for (size_t at = 0; at < COUNT(threads); at++) {
		assert_int_equal(pthread_join(threads[at], &failed), 0);
		assert_null(failed);
	}
	for (int fd = 0; fd < 1024; fd++)
		assert_false(is_own_descriptor(fd));
	close(source);
}

#define RESET(name) cmocka_unit_test_setup_teardown(name, reset, reset)

RUN(RESET(owned_from_open_to_close), RESET(in_place_and_given_up), RESET(a_failure_passes),
    RESET(moved_to_the_floor), RESET(stays_where_nothing_is_free), RESET(numbers_that_are_none),
    RESET(a_child_has_its_own_view), RESET(threads_side_by_side))
