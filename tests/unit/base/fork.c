/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a child sees of its parent's links, and its parent of the child's. */
#include "base/fork.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/owned.h"

#include "../unit.h"

struct counted {
	struct fork_link link;
	int calls;
};

static void count(struct fork_link *link)
{
	((struct counted *)link)->calls++;
}

/* Exit status of a child that runs `body`. */
static int in_child(bool (*body)(void *argument), void *argument)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(body(argument) ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static bool generation_differs(void *argument)
{
	return fork_generation() != *(unsigned *)argument;
}

static bool grandchild_differs_too(void *argument)
{
	unsigned own = fork_generation();

	return own != *(unsigned *)argument && in_child(generation_differs, argument) == 0 &&
	       in_child(generation_differs, &own) == 0;
}

static void each_process_has_its_generation(void **state)
{
	unsigned own;

	(void)state;
	fork_start();
	fork_start();
	own = fork_generation();
	assert_int_equal(in_child(generation_differs, &own), 0);
	assert_int_equal(in_child(grandchild_differs_too, &own), 0);
	assert_int_equal(fork_generation(), own);
}

static bool called_once_each(void *argument)
{
	struct counted *links = argument;

	return links[0].calls == 1 && links[1].calls == 1 && links[2].calls == 1;
}

static void links_are_called_in_the_child_only(void **state)
{
	struct counted links[3] = { 0 };

	(void)state;
	for (int at = 0; at < 3; at++)
		fork_watch(&links[at].link, count);
	assert_int_equal(in_child(called_once_each, links), 0);
	for (int at = 0; at < 3; at++) {
		assert_int_equal(links[at].calls, 0);
		fork_unwatch(&links[at].link);
	}
}

static bool only_the_last_called(void *argument)
{
	struct counted *links = argument;

	return links[0].calls == 0 && links[1].calls == 0 && links[2].calls == 1;
}

static void unwatched_in_any_order(void **state)
{
	struct counted links[3] = { 0 };

	(void)state;
	for (int at = 0; at < 3; at++)
		fork_watch(&links[at].link, count);
	fork_unwatch(&links[1].link);
	fork_unwatch(&links[0].link);
	fork_unwatch(&links[0].link);
	assert_int_equal(in_child(only_the_last_called, links), 0);
	fork_unwatch(&links[2].link);
}

/* In the child a link is out of the list: unwatching it is harmless, watching it anew works. */
static bool link_can_be_used_again(void *argument)
{
	struct counted *links = argument;

	fork_unwatch(&links[0].link);
	fork_watch(&links[1].link, count);
	links[1].calls = 0;
	return in_child(only_the_last_called, links) != 0 && links[1].calls == 0;
}

static void a_child_starts_anew(void **state)
{
	struct counted links[3] = { 0 };

	(void)state;
	fork_watch(&links[0].link, count);
	fork_watch(&links[1].link, count);
	assert_int_equal(in_child(link_can_be_used_again, links), 0);
	fork_unwatch(&links[1].link);
	fork_unwatch(&links[0].link);
}

static void descriptors_are_closed_once(void **state)
{
	int fd = open("/dev/null", O_RDONLY), number = fd;

	(void)state;
	assert_true(fd >= 0);
	close_descriptor(&fd);
	assert_int_equal(fd, -1);
	assert_int_equal(fcntl(number, F_GETFD), -1);
	assert_int_equal(open("/dev/null", O_RDONLY), number);
	close_descriptor(&fd);
	assert_true(fcntl(number, F_GETFD) >= 0);
	close(number);
}

static int half_done; /* atomic */
static bool forking_over;

static bool is_whole(void *argument)
{
	return __atomic_load_n((int *)argument, __ATOMIC_RELAXED) == 0;
}

static void *fork_often(void *argument)
{
	for (unsigned round = 0; round < 100; round++)
		if (in_child(is_whole, &half_done) != 0)
			argument = NULL;
	__atomic_store_n(&forking_over, true, __ATOMIC_RELEASE);
	return argument;
}

static void no_fork_comes_in_between(void **state)
{
	pthread_t thread;
	void *good;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, fork_often, &half_done), 0);
	while (!__atomic_load_n(&forking_over, __ATOMIC_ACQUIRE)) {
		fork_hold();
		__atomic_store_n(&half_done, 1, __ATOMIC_RELAXED);
		sched_yield();
		__atomic_store_n(&half_done, 0, __ATOMIC_RELAXED);
		fork_release();
	}
	assert_int_equal(pthread_join(thread, &good), 0);
	assert_non_null(good);
}

RUN(TEST(each_process_has_its_generation), TEST(links_are_called_in_the_child_only),
    TEST(unwatched_in_any_order), TEST(a_child_starts_anew), TEST(descriptors_are_closed_once),
    TEST(no_fork_comes_in_between))
