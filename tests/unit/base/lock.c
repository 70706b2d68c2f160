/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Locks between descriptions of one process, and between processes, alive and killed. */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"

#include "../unit.h"

#define BYTE 5

/* Two descriptions of one file. */
struct file {
	int one, other;
};

static int set_up(void **state)
{
	static struct file file;
	char path[40];

	file.one = memfd_create("lock", MFD_CLOEXEC);
	snprintf(path, sizeof path, "/proc/self/fd/%d", file.one);
	file.other = open(path, O_RDWR | O_CLOEXEC);
	*state = &file;
	return file.one < 0 || file.other < 0;
}

static int tear_down(void **state)
{
	struct file *file = *state;

	close(file->one);
	close(file->other);
	return 0;
}

static void exclusive_keeps_others_out(void **state)
{
	struct file *file = *state;

	assert_int_equal(lock_try(file->one, BYTE, LOCK_EXCLUSIVE), 0);
	assert_int_equal(lock_try(file->other, BYTE, LOCK_EXCLUSIVE), -EAGAIN);
	assert_int_equal(lock_try(file->other, BYTE, LOCK_SHARED), -EAGAIN);
	assert_int_equal(lock_try(file->other, BYTE + 1, LOCK_EXCLUSIVE), 0);
	assert_int_equal(lock_try(file->other, BYTE - 1, LOCK_EXCLUSIVE), 0);
	lock_drop(file->one, BYTE);
	assert_int_equal(lock_try(file->other, BYTE, LOCK_EXCLUSIVE), 0);
}

static void shared_by_many(void **state)
{
	struct file *file = *state;

	assert_int_equal(lock_try(file->one, BYTE, LOCK_SHARED), 0);
	assert_int_equal(lock_try(file->other, BYTE, LOCK_SHARED), 0);
	assert_int_equal(lock_try(file->one, BYTE, LOCK_EXCLUSIVE), -EAGAIN);
	/* And the shared one is still held. */
	assert_int_equal(lock_held(file->other, BYTE, 1), 1);
	lock_drop(file->other, BYTE);
	assert_int_equal(lock_try(file->one, BYTE, LOCK_EXCLUSIVE), 0);
	assert_int_equal(lock_try(file->one, BYTE, LOCK_SHARED), 0);
	assert_int_equal(lock_try(file->other, BYTE, LOCK_SHARED), 0);
}

static void held_by_another(void **state)
{
	struct file *file = *state;

	assert_int_equal(lock_held(file->other, 0, 0), 0);
	assert_int_equal(lock_try(file->one, BYTE, LOCK_SHARED), 0);
	assert_int_equal(lock_held(file->one, 0, 0), 0);
	assert_int_equal(lock_held(file->other, BYTE, 1), 1);
	assert_int_equal(lock_held(file->other, 0, BYTE), 0);
	assert_int_equal(lock_held(file->other, 0, BYTE + 1), 1);
	assert_int_equal(lock_held(file->other, BYTE, 0), 1);
	assert_int_equal(lock_held(file->other, BYTE + 1, 0), 0);
}

static void waiting_has_an_end(void **state)
{
	struct file *file = *state;
	struct deadline earliest = deadline_in(20);

	assert_int_equal(lock_try(file->one, BYTE, LOCK_EXCLUSIVE), 0);
	assert_int_equal(lock_wait(file->other, BYTE, LOCK_SHARED, 20), -ETIMEDOUT);
	assert_true(deadline_passed(earliest));
	lock_drop(file->one, BYTE);
	assert_int_equal(lock_wait(file->other, BYTE, LOCK_SHARED, 0), 0);
}

static void dropping_nothing(void **state)
{
	struct file *file = *state;

	lock_drop(file->one, BYTE);
	assert_int_equal(lock_try(file->other, BYTE, LOCK_EXCLUSIVE), 0);
	lock_drop(file->one, BYTE);
	assert_int_equal(lock_try(file->one, BYTE, LOCK_SHARED), -EAGAIN);
}

/* A child that takes the lock through a description of its own, says so and stays. */
static pid_t start_holder(const struct file *file)
{
	char path[40], byte = 'x';
	int told[2];
	pid_t child;

	snprintf(path, sizeof path, "/proc/self/fd/%d", file->one);
	assert_int_equal(pipe(told), 0);
	child = fork();
	if (child == 0) {
		int fd = open(path, O_RDWR);

		if (lock_try(fd, BYTE, LOCK_EXCLUSIVE) != 0 || write(told[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	close(told[0]);
	return child;
}

static void death_gives_it_back(void **state)
{
	struct file *file = *state;
	pid_t child = start_holder(file);

	assert_int_equal(lock_try(file->one, BYTE, LOCK_EXCLUSIVE), -EAGAIN);
	assert_int_equal(lock_held(file->one, BYTE, 1), 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(lock_wait(file->one, BYTE, LOCK_EXCLUSIVE, PATIENCE), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* What a child inherits is the parent's lock, not one of its own. */
static void a_child_shares_the_description(void **state)
{
	struct file *file = *state;
	int status;
	pid_t child;

	assert_int_equal(lock_try(file->one, BYTE, LOCK_EXCLUSIVE), 0);
	child = fork();
	if (child == 0)
		_exit(lock_try(file->one, BYTE, LOCK_EXCLUSIVE) != 0 ||
		      lock_try(file->other, BYTE, LOCK_EXCLUSIVE) != -EAGAIN);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(lock_try(file->other, BYTE, LOCK_EXCLUSIVE), -EAGAIN);
}

#define WITH_FILE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

RUN(WITH_FILE(exclusive_keeps_others_out), WITH_FILE(shared_by_many), WITH_FILE(held_by_another),
    WITH_FILE(waiting_has_an_end), WITH_FILE(dropping_nothing), WITH_FILE(death_gives_it_back),
    WITH_FILE(a_child_shares_the_description))
