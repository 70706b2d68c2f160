/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commands that a user pastes: what the shell makes of them. */
#include "shell.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit.h"

static void arrives(const char *path)
{
	char *command = shell_command("printf %s", path);
	char got[600];
	FILE *output;
	size_t length;

	assert_non_null(command);
	output = popen(command, "r");
	assert_non_null(output);
	length = fread(got, 1, sizeof got - 1, output);
	got[length] = '\0';
	assert_int_equal(pclose(output), 0);
	assert_string_equal(got, path);
	/* Nothing that an editor of lines, or a terminal, would act on. */
	for (const char *at = command; *at; at++)
		assert_true((*at >= ' ' && *at <= '~') || *at == '\n');
	free(command);
}

static void paths_arrive(void **state)
{
	static const char *const paths[] = {
		"/dev/shm/xsock-0",
		"/tmp/two words",
		"it's",
		"'",
		"''",
		"\"$HOME\" `id` $(id) \\ * ? ~ ! # & ; | < >",
		"two\nlines",
		"the end is one\n",
		"\n\n",
		"caf\xc3\xa9/\xff",
		"kills the line:\x15id\n",
		"\033[2J\t\x7f",
		"%s%n\\n",
	};

	(void)state;
	for (size_t at = 0; at < COUNT(paths); at++)
		arrives(paths[at]);
}

static void every_byte_arrives(void **state)
{
	char all[256];

	(void)state;
	for (unsigned byte = 1; byte < 256; byte++)
		all[byte - 1] = (char)byte;
	all[255] = '\0';
	arrives(all);
}

static void what_needs_no_quotes_has_none(void **state)
{
	char *command = shell_command("chmod 700 --", "/dev/shm/xsock-0");

	(void)state;
	assert_string_equal(command, "chmod 700 -- /dev/shm/xsock-0");
	free(command);
}

RUN(TEST(paths_arrive), TEST(every_byte_arrives), TEST(what_needs_no_quotes_has_none))
