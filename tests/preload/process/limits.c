/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A limit of descriptors is told of before it is there, whatever the call's name; others, questions and refusals are not. */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "streams.h"

#define FEW 64

static struct rlimit few(void)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = FEW;
	return limit;
}

static int told_few(int result)
{
	struct rlimit now;

	if (result != 0 || atomic_load(&told->limits) != 1 || atomic_load(&told->limit) != FEW)
		return 100;
	return getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == FEW ? 0 : 101;
}

static int by_setrlimit(void)
{
	struct rlimit limit = few();

	return told_few(setrlimit(RLIMIT_NOFILE, &limit));
}

static int by_setrlimit64(void)
{
	struct rlimit limit = few();
	struct rlimit64 wide = { .rlim_cur = limit.rlim_cur, .rlim_max = limit.rlim_max };

	return told_few(setrlimit64(RLIMIT_NOFILE, &wide));
}

static int by_prlimit(void)
{
	struct rlimit limit = few(), old;

	return told_few(prlimit(0, RLIMIT_NOFILE, &limit, &old));
}

static int by_prlimit64_and_number(void)
{
	struct rlimit limit = few();
	struct rlimit64 wide = { .rlim_cur = limit.rlim_cur, .rlim_max = limit.rlim_max };

	return told_few(prlimit64(getpid(), RLIMIT_NOFILE, &wide, NULL));
}

static void every_name_tells(void **state)
{
	(void)state;
	assert_int_equal(status_of_child(by_setrlimit), 0);
	assert_int_equal(status_of_child(by_setrlimit64), 0);
	assert_int_equal(status_of_child(by_prlimit), 0);
	assert_int_equal(status_of_child(by_prlimit64_and_number), 0);
}

static void nothing_else_does(void **state)
{
	struct rlimit limit, wrong = { .rlim_cur = FEW, .rlim_max = FEW - 1 };

	(void)state;
	told_reset();
	assert_int_equal(prlimit(0, RLIMIT_NOFILE, NULL, &limit), 0);
	assert_int_equal(prlimit(getppid(), RLIMIT_NOFILE, NULL, &limit), 0);
	errno = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &wrong), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(getrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(setrlimit(RLIMIT_CORE, &limit), 0);
	assert_int_equal(atomic_load(&told->limits), 0);
}

RUN(TEST(every_name_tells), TEST(nothing_else_does))
