/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What dead processes left, in a store that cannot be read: that is told, not taken for nothing. */
#include "inspect/leftovers.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conn/address.h"
#include "conn/presence.h"
#include "inspect/domain.h"

#include "../unit.h"

static char directory[] = "/tmp/xsock-leftovers-XXXXXX";

/* The local platform's, but for the n-th call from now on, which fails. */
static struct platform_ops ops;
static unsigned calls, failing;

static bool fails(void)
{
	return ++calls == failing;
}

static int open_store(struct platform *platform, struct store **store)
{
	return fails() ? -EIO : local_platform_ops.store_open(platform, store);
}

static ssize_t read_node(struct store *store, const char *path, char *value, size_t size)
{
	return fails() ? -EIO : local_platform_ops.store_read(store, path, value, size);
}

static int list_node(struct store *store, const char *path, char **names)
{
	return fails() ? -EIO : local_platform_ops.store_list(store, path, names);
}

static int set_up(void **state)
{
	(void)state;
	ops = local_platform_ops;
	ops.store_open = open_store;
	ops.store_read = read_node;
	ops.store_list = list_node;
	return mkdtemp(directory) == NULL || setenv("XSOCK_LOCAL_DIR", directory, 1) != 0 ||
	       setenv("XSOCK_LOCAL_DOMAIN", "3", 1) != 0;
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

/* A process that comes into the domain, writes a dead listener's node with a request in it, and
 * stays until it is killed. */
static pid_t start(void)
{
	struct platform *platform;
	char path[STORE_PATH_MAX], byte;
	struct store *store;
	int ready[2];
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		path_service(path, 3, "dead");
		strcat(path, "/any/0123456789abcdef");
		if (presence_enter("local", &platform) == 0 &&
		    platform->ops->store_open(platform, &store) == 0 &&
		    platform->ops->store_write(store, path, "") == 0 &&
		    write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return child;
}

static void end(pid_t process)
{
	kill(process, SIGKILL);
	assert_int_equal(waitpid(process, NULL, 0), process);
}

static int look(unsigned fail_at, struct leftovers *leftovers)
{
	struct platform *platform;
	int error;

	*leftovers = (struct leftovers){ 0 };
	calls = 0;
	failing = fail_at;
	assert_int_equal(domain_open("local", &platform), 1);
	platform->ops = &ops;
	error = leftovers_find(platform, leftovers);
	platform->ops = &local_platform_ops;
	domain_close(platform);
	return error;
}

/* Each call that is made, failing. */
static void each_failure_is_told(unsigned least)
{
	struct leftovers leftovers;
	unsigned made;

	assert_int_equal(look(0, &leftovers), 0);
	assert_int_equal(leftovers.count, 1);
	made = calls;
	assert_true(made >= least);
	for (unsigned at = 1; at <= made; at++)
		assert_int_equal(look(at, &leftovers), -EIO);
}

static void beside_a_living_process(void **state)
{
	struct leftovers leftovers;
	pid_t process = start();

	(void)state;
	each_failure_is_told(5);
	assert_int_equal(look(0, &leftovers), 0);
	assert_int_equal(leftovers.leftover[0].kind, LEFTOVER_SERVICE);
	assert_string_equal(leftovers.leftover[0].service, "dead");
	assert_int_equal(leftovers.leftover[0].count, 1);
	end(process);
}

static void of_a_dead_domain(void **state)
{
	struct leftovers leftovers;

	(void)state;
	end(start());
	each_failure_is_told(3);
	assert_int_equal(look(0, &leftovers), 0);
	assert_int_equal(leftovers.leftover[0].kind, LEFTOVER_PRESENCE);
	assert_int_equal(leftovers.leftover[0].count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(beside_a_living_process),
		TEST(of_a_dead_domain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
