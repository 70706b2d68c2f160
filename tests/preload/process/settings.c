/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers in the environment: what is none is told, once, and its default is taken. */
#include "preload/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "preload/real.h"

/* What is written to standard error, or a socket in its place. */
static char told[1024];
static int place[2], before;

static int set_up(void **state)
{
	bool socket = *state != NULL;

	real_resolve();
	unsetenv("XSOCK_RUN_LOG");
	unsetenv("XSOCK_RUN_WAIT");
	unsetenv("XSOCK_RUN_RING");
	if (socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, place) : pipe(place))
		return -1;
	settings = (struct settings){ 0 };
	before = dup(STDERR_FILENO);
	return before < 0;
}

static void read_settings(void)
{
	ssize_t count;

	assert_int_equal(fcntl(place[0], F_SETFL, O_NONBLOCK), 0);
	dup2(place[1], STDERR_FILENO);
	settings_read();
	dup2(before, STDERR_FILENO);
	close(before);
	close(place[1]);
	count = read(place[0], told, sizeof told - 1);
	told[count > 0 ? count : 0] = '\0';
	close(place[0]);
}

static unsigned lines(void)
{
	unsigned count = 0;

	for (const char *at = told; (at = strchr(at, '\n')) != NULL; at++)
		count++;
	return count;
}

static void numbers_are_taken(void **state)
{
	(void)state;
	setenv("XSOCK_RUN_WAIT", "70", 1);
	setenv("XSOCK_RUN_RING", "65536", 1);
	read_settings();
	assert_int_equal(settings.wait, 70);
	assert_int_equal(settings.ring, 65536);
	assert_string_equal(told, "");
}

static void others_are_told_of(void **state)
{
	(void)state;
	setenv("XSOCK_RUN_WAIT", "-1", 1);
	setenv("XSOCK_RUN_RING", "64k", 1);
	read_settings();
	assert_int_equal(settings.wait, 0);
	assert_int_equal(settings.ring, 256 << 10);
	assert_int_equal(lines(), 2);
	assert_non_null(strstr(told, "XSOCK_RUN_WAIT=-1 is no number, 0 is taken\n"));
	assert_non_null(strstr(told, "XSOCK_RUN_RING=64k is no number, 262144 is taken\n"));
}

/* Whoever starts a program chooses its name. */
static void a_long_name_is_cut(void **state)
{
	char *kept = program_invocation_short_name, name[3000];

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	setenv("XSOCK_RUN_WAIT", "-1", 1);
	program_invocation_short_name = name;
	read_settings();
	program_invocation_short_name = kept;
	assert_int_equal(lines(), 1);
	assert_non_null(strstr(told, "nnn: XSOCK_RUN_WAIT=-1 is no number, 0 is taken\n"));
}

/* A server's connection: its client would read it. */
static void a_socket_is_told_nothing(void **state)
{
	(void)state;
	setenv("XSOCK_RUN_RING", "abc", 1);
	read_settings();
	assert_int_equal(settings.ring, 256 << 10);
	assert_string_equal(told, "");
}

int main(void)
{
	static bool socket = true;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(numbers_are_taken, set_up),
		cmocka_unit_test_setup(others_are_told_of, set_up),
		cmocka_unit_test_setup(a_long_name_is_cut, set_up),
		cmocka_unit_test_prestate_setup_teardown(a_socket_is_told_nothing, set_up, NULL,
							 &socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
