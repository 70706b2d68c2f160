/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every exec tells the connections first, and hands its arguments and environment on. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "streams.h"

#define SHELL "/bin/sh"
#define SCRIPT "echo $0 $# $1 $2 $VARIABLE; exit 3"

static char sh[] = "sh", option[] = "-c", script[] = SCRIPT;
static char name[] = "name", one[] = "one", two[] = "two", given[] = "VARIABLE=given";
static char *const arguments[] = { sh, option, script, name, one, two, NULL };
static char *const environment[] = { given, NULL };

static int by_execve(void)
{
	return execve(SHELL, arguments, environment);
}

static int by_execv(void)
{
	return execv(SHELL, arguments);
}

static int by_execvp(void)
{
	return execvp("sh", arguments);
}

static int by_execvpe(void)
{
	return execvpe("sh", arguments, environment);
}

static int by_fexecve(void)
{
	return fexecve(open(SHELL, O_RDONLY | O_CLOEXEC), arguments, environment);
}

static int by_execveat(void)
{
	return execveat(open("/bin", O_RDONLY | O_CLOEXEC), "sh", arguments, environment, 0);
}

static int by_execl(void)
{
	return execl(SHELL, "sh", "-c", SCRIPT, "name", "one", "two", (char *)NULL);
}

static int by_execlp(void)
{
	return execlp("sh", "sh", "-c", SCRIPT, "name", "one", "two", (char *)NULL);
}

static int by_execle(void)
{
	return execle(SHELL, "sh", "-c", SCRIPT, "name", "one", "two", (char *)NULL, environment);
}

static int by_syscall(void)
{
	return (int)syscall(SYS_execve, SHELL, arguments, environment);
}

static const struct {
	int (*body)(void);
	const char *output;
} ways[] = {
	{ by_execve, "name 2 one two given\n" },  { by_execv, "name 2 one two own\n" },
	{ by_execvp, "name 2 one two own\n" },    { by_execvpe, "name 2 one two given\n" },
	{ by_fexecve, "name 2 one two given\n" }, { by_execveat, "name 2 one two given\n" },
	{ by_execl, "name 2 one two own\n" },     { by_execlp, "name 2 one two own\n" },
	{ by_execle, "name 2 one two given\n" },  { by_syscall, "name 2 one two given\n" },
};

static int output;
static int (*way)(void);

static int redirected(void)
{
	if (dup2(output, STDOUT_FILENO) < 0)
		return 99;
	way();
	return 98;
}

static void all_tell_and_run(void **state)
{
	(void)state;
	for (size_t at = 0; at < COUNT(ways); at++) {
		char text[100] = "";
		int ends[2];

		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		output = ends[1];
		way = ways[at].body;
		assert_int_equal(status_of_child(redirected), 3 << 8);
		assert_int_equal(atomic_load(&told->exec), 1);
		assert_int_equal(atomic_load(&told->sealed), 1);
		assert_int_equal(atomic_load(&told->failed), 0);
		assert_true(read(ends[0], text, sizeof text - 1) > 0);
		assert_string_equal(text, ways[at].output);
		close(ends[0]);
		close(ends[1]);
	}
}

/* More than any register or small buffer holds. */
static int many(void)
{
	return execl(SHELL, "sh", "-c", "exit $#", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9",
		     "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20",
		     (char *)NULL);
}

static void many_arguments(void **state)
{
	(void)state;
	assert_int_equal(status_of_child(many), 20 << 8);
}

static void a_failure_returns(void **state)
{
	(void)state;
	told_reset();
	errno = 0;
	assert_int_equal(execl("/nowhere/nothing", "nothing", (char *)NULL), -1);
	assert_int_equal(errno, ENOENT);
	errno = 0;
	assert_int_equal(execvp("no-such-program-anywhere", arguments), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(atomic_load(&told->exec), 2);
	assert_int_equal(atomic_load(&told->failed), 2);
}

static int set_up(void **state)
{
	(void)state;
	return setenv("VARIABLE", "own", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(all_tell_and_run), TEST(many_arguments),
					    TEST(a_failure_returns) };

	return cmocka_run_group_tests(tests, set_up, NULL);
}
