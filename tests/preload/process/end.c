/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* However a process ends without exit(): told of once, and the status arrives. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "streams.h"

static int by_underscore(void)
{
	_exit(11);
}

static int by_standard(void)
{
	_Exit(12);
}

static int by_system_call(void)
{
	return (int)syscall(SYS_exit_group, 13);
}

static void last(void)
{
	if (atomic_load(&told->exit) != 0)
		_exit(1);
}

/* After what the program registered for it. */
static int by_quick_exit(void)
{
	at_quick_exit(last);
	quick_exit(14);
}

static void told_once(int (*body)(void), int status)
{
	assert_int_equal(status_of_child(body), status << 8);
	assert_int_equal(atomic_load(&told->exit), 1);
	assert_int_not_equal(atomic_load(&told->exit_process), getpid());
}

static void each_way(void **state)
{
	(void)state;
	told_once(by_underscore, 11);
	told_once(by_standard, 12);
	told_once(by_system_call, 13);
	told_once(by_quick_exit, 14);
}

RUN(TEST(each_way))
