/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Makes the calls that `run` has counted by callgrind, which counts in counted() alone and writes a
 * profile at each path_ends(). Prints, in the order of the profiles, group, path and the bytes that
 * a step copies. With --built: only what it was built with.
 */
#include <errno.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "path.h"
#include "stand-in.h"

void must(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

static __attribute__((noinline)) void counted(const struct path *path)
{
	path->step();
	/* No tail call: this function has to be on the stack meanwhile. */
	__asm__ volatile("");
}

static __attribute__((noinline)) void uncounted(const struct path *path)
{
	path->step();
	__asm__ volatile("" : : "r"(path));
}

static __attribute__((noinline)) void path_ends(void)
{
	__asm__ volatile("");
}

static size_t go(const struct path *path, void (*step)(const struct path *))
{
	size_t copied = 0;

	for (int round = 0; round < ROUNDS; round++) {
		size_t before;

		if (path->before != NULL)
			path->before();
		before = stand_in_copied;
		step(path);
		copied += stand_in_copied - before;
		if (path->after != NULL)
			path->after();
	}
	return copied / ROUNDS;
}

static void run(const char *group, const struct path *path)
{
	size_t copied;

	/* The first lap binds symbols, touches pages, lets what adapts itself come to rest. */
	go(path, uncounted);
	copied = go(path, counted);
	path_ends();
	printf("%s %s %zu\n", group, path->name, copied);
}

/* ------------------------------------------------------------------ trying the counting */

static void nothing(void)
{
}

/* `run` knows these figures. */
static void known(void)
{
	static char from[100], to[100];
	size_t length = sizeof to;

	/* Or the compiler would copy by itself, as it knows how much. */
	__asm__ volatile("" : "+r"(length));
	memcpy(to, from, length);
	for (int call = 0; call < 3; call++)
		syscall(SYS_getppid);
}

static const struct path own_paths[] = {
	{ .name = "nothing", .step = nothing },
	{ .name = "known", .step = known },
	{ 0 },
};

/* ------------------------------------------------------------------ all */

static void run_group(const struct group *group)
{
	if (group->start != NULL)
		group->start();
	for (const struct path *path = group->paths; path->step != NULL; path++)
		run(group->name, path);
}

int main(int count, char **arguments)
{
	if (count > 1 && strcmp(arguments[1], "--built") == 0) {
		printf("%s, glibc %s\n", COST_BUILT, gnu_get_libc_version());
		return 0;
	}
	run_group(&(struct group){ .name = "known", .paths = own_paths });
	for (const struct group *group = groups; group->name != NULL; group++)
		run_group(group);
	return 0;
}
