/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that are made without fork() are told of as an exec is, once each, in the parent. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "streams.h"

static char sh[] = "sh", option[] = "-c", script[] = "exit 5";
static char *const arguments[] = { sh, option, script, NULL };
static char speech[] = "echo said";
static char *const speaking[] = { sh, option, speech, NULL };

static void told_of_exec_alone(void)
{
	assert_int_equal(atomic_load(&told->exec), 1);
	assert_int_equal(atomic_load(&told->sealed), 0);
	assert_int_equal(atomic_load(&told->fork), 0);
	told_reset();
}

static void posix_spawn_tells(void **state)
{
	pid_t child;

	(void)state;
	told_reset();
	assert_int_equal(posix_spawn(&child, "/bin/sh", NULL, NULL, arguments, environ), 0);
	assert_int_equal(wait_for(child), 5 << 8);
	told_of_exec_alone();
	assert_int_equal(posix_spawnp(&child, "sh", NULL, NULL, arguments, environ), 0);
	assert_int_equal(wait_for(child), 5 << 8);
	told_of_exec_alone();
}

/* Close-on-exec here, and open in the child. */
static void one_for_the_child_is_pinned(void **state)
{
	posix_spawn_file_actions_t actions;
	char line[20] = "";
	int ends[2];
	pid_t child;

	(void)state;
	told_reset();
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	assert_int_equal(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO), 0);
	assert_int_equal(atomic_load(&told->pinned), ends[1]);
	assert_int_equal(posix_spawn(&child, "/bin/sh", &actions, NULL, speaking, environ), 0);
	assert_int_equal(wait_for(child), 0);
	assert_int_equal(read(ends[0], line, sizeof line - 1), 5);
	assert_string_equal(line, "said\n");
	posix_spawn_file_actions_destroy(&actions);
	close(ends[0]);
	close(ends[1]);
}

static void system_tells(void **state)
{
	(void)state;
	told_reset();
	assert_int_equal(system("exit 6"), 6 << 8);
	told_of_exec_alone();
}

static void popen_tells(void **state)
{
	char line[20] = "";
	FILE *file;

	(void)state;
	told_reset();
	file = popen("echo said; exit 7", "r");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof line, file));
	assert_string_equal(line, "said\n");
	assert_int_equal(pclose(file), 7 << 8);
	told_of_exec_alone();
}

RUN(TEST(posix_spawn_tells), TEST(one_for_the_child_is_pinned), TEST(system_tells),
    TEST(popen_tells))
