/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A domain's sign of life, and its services' names, with processes that come, go and die. */
#include "conn/presence.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/fork.h"
#include "base/lock.h"
#include "conn/address.h"

#include "../unit.h"

static char directory[] = "/tmp/xsock-presence-XXXXXX";

static int set_up(void **state)
{
	(void)state;
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

/* Is there such a node below this domain's? As a process of another kind would see it. */
static bool there(const char *name)
{
	struct platform *platform;
	char path[STORE_PATH_MAX], value[8];
	struct store *store;
	ssize_t length;

	snprintf(path, sizeof path, "/local/domain/3/data/xsock/%s", name);
	assert_int_equal(platform_get("local", &platform), 0);
	assert_int_equal(platform->ops->store_open(platform, &store), 0);
	length = platform->ops->store_read(store, path, value, sizeof value);
	platform->ops->store_close(store);
	platform_put(platform);
	return length >= 0;
}

static void leave_behind(struct platform *platform, const char *name)
{
	char path[STORE_PATH_MAX];
	struct store *store;

	snprintf(path, sizeof path, "/local/domain/3/data/xsock/%s", name);
	assert_int_equal(platform->ops->store_open(platform, &store), 0);
	assert_int_equal(platform->ops->store_write(store, path, "x"), 0);
	platform->ops->store_close(store);
}

static struct platform *enter(void)
{
	struct platform *platform;

	assert_int_equal(presence_enter("local", &platform), 0);
	return platform;
}

/* Another process of the domain. */
struct other {
	pid_t pid;
	int to, from;
};

static void follow_orders(int orders, int answers)
{
	struct platform *platform = NULL;
	char order;
	int name;

	while (read(orders, &order, 1) == 1) {
		char answer = 'y';

		if (order == 'e' && presence_enter("local", &platform) != 0)
			answer = 'n';
		if (order == 'l')
			presence_leave(platform);
		if (order == 'n' && presence_take_name(platform, "log", &name) != 0)
			answer = 'n';
		if (write(answers, &answer, 1) != 1)
			break;
	}
	_exit(0);
}

static void other_start(struct other *other)
{
	int orders[2], answers[2];

	assert_int_equal(pipe(orders), 0);
	assert_int_equal(pipe(answers), 0);
	other->pid = fork();
	if (other->pid == 0) {
		close(orders[1]);
		close(answers[0]);
		follow_orders(orders[0], answers[1]);
	}
	close(orders[0]);
	close(answers[1]);
	other->to = orders[1];
	other->from = answers[0];
}

static bool other_does(const struct other *other, char order)
{
	char answer = 0;

	assert_int_equal(write(other->to, &order, 1), 1);
	assert_int_equal(read(other->from, &answer, 1), 1);
	return answer == 'y';
}

static void other_end(struct other *other, bool kill_it)
{
	if (kill_it)
		kill(other->pid, SIGKILL);
	close(other->to);
	close(other->from);
	assert_int_equal(waitpid(other->pid, NULL, 0), other->pid);
}

static void there_while_one_is_in(void **state)
{
	struct platform *first = enter(), *second = enter();

	(void)state;
	assert_ptr_equal(first, second);
	assert_int_equal(first->self, 3);
	assert_true(there("alive"));
	presence_leave(first);
	assert_true(there("alive"));
	presence_leave(second);
	assert_false(there("alive"));
}

static void readable_by_all_and_ours(void **state)
{
	struct platform *platform = enter();
	struct store_permissions permissions;
	char path[STORE_PATH_MAX];
	struct store *store;

	(void)state;
	path_alive(path, 3);
	assert_int_equal(platform->ops->store_open(platform, &store), 0);
	assert_int_equal(platform->ops->store_get_permissions(store, path, &permissions), 0);
	assert_int_equal(permissions.owner, 3);
	assert_int_equal(permissions.others, ACCESS_READ);
	assert_int_equal(permissions.count, 0);
	platform->ops->store_close(store);
	presence_leave(platform);
}

static void the_last_process_takes_it_along(void **state)
{
	struct platform *platform;
	struct other other;

	(void)state;
	other_start(&other);
	assert_true(other_does(&other, 'e'));
	platform = enter();
	assert_true(other_does(&other, 'l'));
	assert_true(there("alive"));
	assert_true(other_does(&other, 'e'));
	presence_leave(platform);
	assert_true(there("alive"));
	assert_true(other_does(&other, 'l'));
	assert_false(there("alive"));
	other_end(&other, false);
}

static void the_next_cleans_up_after_the_dead(void **state)
{
	struct platform *platform;
	struct other other;

	(void)state;
	other_start(&other);
	assert_true(other_does(&other, 'e'));
	platform = enter();
	leave_behind(platform, "service");
	/* Not while somebody else is in. */
	presence_leave(platform);
	presence_leave(enter());
	assert_true(there("service"));
	other_end(&other, true);
	assert_true(there("service"));
	platform = enter();
	assert_false(there("service"));
	assert_true(there("alive"));
	presence_leave(platform);
}

static void a_name_is_taken_once(void **state)
{
	struct platform *platform = enter();
	int first, second, third;

	(void)state;
	assert_int_equal(presence_take_name(platform, "log", &first), 0);
	assert_int_equal(presence_take_name(platform, "log", &second), -EADDRINUSE);
	assert_int_equal(second, -1);
	assert_int_equal(presence_take_name(platform, "log2", &third), 0);
	close(third);
	close(first);
	assert_int_equal(presence_take_name(platform, "log", &second), 0);
	close(second);
	presence_leave(platform);
}

static void a_name_is_free_when_its_process_dies(void **state)
{
	struct platform *platform = enter();
	struct other other;
	int name;

	(void)state;
	other_start(&other);
	assert_true(other_does(&other, 'e'));
	assert_true(other_does(&other, 'n'));
	assert_int_equal(presence_take_name(platform, "log", &name), -EADDRINUSE);
	other_end(&other, true);
	assert_int_equal(presence_take_name(platform, "log", &name), 0);
	other_start(&other);
	assert_true(other_does(&other, 'e'));
	assert_false(other_does(&other, 'n'));
	other_end(&other, false);
	close(name);
	presence_leave(platform);
}

/* A child is a process like any other: its parent's presence is not its own. */
static void a_child_enters_for_itself(void **state)
{
	struct platform *platform = enter();
	int status;
	pid_t child;

	(void)state;
	child = fork();
	if (child == 0) {
		struct platform *own;

		if (presence_enter("local", &own) != 0 || own == platform || !there("alive"))
			_exit(1);
		presence_leave(own);
		_exit(there("alive") ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(there("alive"));
	presence_leave(platform);
	assert_false(there("alive"));
}

/* As when a process was stopped just while it came or went. */
static void who_cannot_come_in_is_told_so_in_time(void **state)
{
	struct platform *platform;
	char path[64];
	int gate;

	(void)state;
	presence_leave(enter());
	snprintf(path, sizeof path, "%s/domain-3", directory);
	gate = open(path, O_RDWR | O_CLOEXEC);
	assert_int_equal(lock_try(gate, 0, LOCK_EXCLUSIVE), 0);
	assert_int_equal(presence_enter("local", &platform), -ETIMEDOUT);
	assert_non_null(strstr(last_failure(), "coming or going"));
	close(gate);
	presence_leave(enter());
}

static void no_such_platform(void **state)
{
	struct platform *platform;

	(void)state;
	assert_int_equal(presence_enter("postal", &platform), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(there_while_one_is_in),
		TEST(readable_by_all_and_ours),
		TEST(the_last_process_takes_it_along),
		TEST(the_next_cleans_up_after_the_dead),
		TEST(a_name_is_taken_once),
		TEST(a_name_is_free_when_its_process_dies),
		TEST(a_child_enters_for_itself),
		TEST(who_cannot_come_in_is_told_so_in_time),
		TEST(no_such_platform),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
