/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What domain 0 published, as domain 3 sees it; and what others would like to have published. */
#include "conn/published.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/error.h"

#include "../unit.h"

static char directory[] = "/tmp/xsock-published-XXXXXX";

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL || setenv("XSOCK_LOCAL_DIR", directory, 1) != 0)
		return 1;
	/* So that it is missing. */
	return rmdir(directory) != 0 || setenv("XSOCK_LOCAL_DOMAIN", "3", 1) != 0;
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

/* Writes a node as that domain, with these permissions. */
static void put(const char *domain, const char *path, const char *value, unsigned owner,
		enum store_access others)
{
	struct store_permissions permissions = { .owner = owner, .others = others };
	struct platform *platform;
	struct store *store;

	setenv("XSOCK_LOCAL_DOMAIN", domain, 1);
	assert_int_equal(platform_get("local", &platform), 0);
	assert_int_equal(platform->ops->store_open(platform, &store), 0);
	assert_int_equal(platform->ops->store_write(store, path, value), 0);
	assert_int_equal(platform->ops->store_set_permissions(store, path, &permissions), 0);
	platform->ops->store_close(store);
	platform_put(platform);
	setenv("XSOCK_LOCAL_DOMAIN", "3", 1);
}

static void publish(const char *name, const char *value)
{
	char path[STORE_PATH_MAX];

	snprintf(path, sizeof path, PUBLISHED_PATH "/%s", name);
	put("0", PUBLISHED_PATH, "", 0, ACCESS_READ);
	put("0", path, value, 0, ACCESS_READ);
}

static int find(const char *address, unsigned *domain)
{
	struct ip ip;

	assert_true(ip_from_text(address, &ip) > 0);
	*domain = 99999;
	return published_find("local", &ip, domain);
}

static void expect_nobody(const char *address, const char *why)
{
	unsigned domain;

	assert_int_equal(find(address, &domain), -ENOENT);
	if (strstr(last_failure(), why) == NULL)
		fail_msg("of %s it says: %s", address, last_failure());
	assert_int_equal(domain, 99999);
}

static void expect_domain(const char *address, unsigned expected)
{
	unsigned domain;

	assert_int_equal(find(address, &domain), 0);
	assert_int_equal(domain, expected);
}

/* Until what was known before is forgotten. */
static void wait_for_domain(const char *address, unsigned expected)
{
	struct deadline deadline = deadline_in(PATIENCE);
	unsigned domain;

	while (find(address, &domain) != 0 && !deadline_passed(deadline))
		usleep(20000);
	expect_domain(address, expected);
}

static void where_xsock_was_never_used_nothing_is_made(void **state)
{
	(void)state;
	expect_nobody("10.0.0.1", "no domain of this host is published");
	assert_int_equal(access(directory, F_OK), -1);
}

/* So that the tests that follow need not wait until an address is known at all. */
static void what_is_published_is_found(void **state)
{
	static const char *const names[] = { "10-0-0-1", "10-0-0-2", "10-0-0-3", "10-0-0-5",
					     "fd00-0-0-0-0-0-0-1" };

	(void)state;
	/* One of a guest's own is among them. */
	put("0", PUBLISHED_PATH, "", 0, ACCESS_BOTH);
	put("4", PUBLISHED_PATH "/10-0-0-4", "4", 4, ACCESS_READ);
	for (size_t at = 0; at < COUNT(names); at++)
		publish(names[at], "1");
	wait_for_domain("10.0.0.1", 1);
	expect_domain("fd00::1", 1);
	expect_nobody("fd00::2", "no domain of this host is published");
}

/* An address that was published a moment ago and is not known proves it. Only if the time were over
 * in each round could that not come about. */
static void a_look_is_remembered_for_a_while(void **state)
{
	char address[32], name[32];
	bool remembered = false;

	(void)state;
	for (unsigned round = 0; round < 20 && !remembered; round++) {
		unsigned domain;

		snprintf(address, sizeof address, "10.0.1.%u", round);
		snprintf(name, sizeof name, "10-0-1-%u", round);
		publish(name, "5");
		remembered = find(address, &domain) == -ENOENT;
	}
	assert_true(remembered);
	wait_for_domain(address, 5);
}

static void whose_an_address_is_is_always_asked(void **state)
{
	(void)state;
	for (unsigned domain = 2; domain < 20; domain++) {
		char value[8];

		snprintf(value, sizeof value, "%u", domain);
		publish("10-0-0-1", value);
		expect_domain("10.0.0.1", domain);
	}
	expect_domain("::ffff:10.0.0.1", 19);
}

static void values_that_are_no_domain(void **state)
{
	static const char *const values[] = { "",
					      "x",
					      "-1",
					      "+1",
					      " 1",
					      "1 ",
					      "32752",
					      "4294967297",
					      "0x1",
					      "self",
					      "1\n",
					      "18446744073709551617",
					      "00000000000000000001" };

	(void)state;
	publish("10-0-0-2", "32751");
	expect_domain("10.0.0.2", 32751);
	for (size_t at = 0; at < COUNT(values); at++) {
		publish("10-0-0-2", values[at]);
		expect_nobody("10.0.0.2", "");
	}
}

/* Should the place ever have been open to others: what they left there counts for nothing. */
static void what_a_guest_could_write_counts_for_nothing(void **state)
{
	(void)state;
	put("0", PUBLISHED_PATH "/10-0-0-3", "3", 0, ACCESS_BOTH);
	expect_nobody("10.0.0.3", "could be written by others");
	put("0", PUBLISHED_PATH "/10-0-0-3", "3", 4, ACCESS_READ);
	expect_nobody("10.0.0.3", "could be written by others");
	put("0", PUBLISHED_PATH "/10-0-0-3", "3", 0, ACCESS_NONE);
	expect_nobody("10.0.0.3", "may not read");
	publish("10-0-0-3", "3");
	expect_domain("10.0.0.3", 3);
}

static void a_guest_claims_in_vain(void **state)
{
	(void)state;
	expect_nobody("10.0.0.4", "could be written by others");
	publish("10-0-0-4", "4");
	expect_domain("10.0.0.4", 4);
}

static void unknown_platforms(void **state)
{
	unsigned domain;
	struct ip ip;

	(void)state;
	ip_from_text("10.0.0.1", &ip);
	for (int time = 0; time < 2; time++) {
		assert_int_equal(published_find("postal", &ip, &domain), -EINVAL);
		assert_non_null(strstr(last_failure(), "postal"));
		(fail)(EIO, "something else");
	}
	assert_int_equal(published_find("a-name-that-is-too-long-to-be-remembered", &ip, &domain),
			 -EINVAL);
	setenv("XSOCK_PLATFORM", "postal", 1);
	assert_int_equal(published_find(NULL, &ip, &domain), -EINVAL);
	setenv("XSOCK_PLATFORM", "local", 1);
	assert_int_equal(published_find(NULL, &ip, &domain), 0);
	unsetenv("XSOCK_PLATFORM");
}

static void no_descriptor_stays_open(void **state)
{
	int before = dup(0), after;

	(void)state;
	close(before);
	publish("10-0-0-5", "5");
	expect_domain("10.0.0.5", 5);
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

static bool stop;

static void *look_on(void *unused)
{
	unsigned domain;

	(void)unused;
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		find("10.0.0.8", &domain);
	return NULL;
}

/* A child is made while others hold the lock, which nobody opens for it but the library. */
static void children_of_busy_parents(void **state)
{
	pthread_t threads[3];

	(void)state;
	for (size_t at = 0; at < COUNT(threads); at++)
		assert_int_equal(pthread_create(&threads[at], NULL, look_on, NULL), 0);
	for (int round = 0; round < 300; round++) {
		int status = 1;
		pid_t child = fork();

		if (child == 0) {
			unsigned domain;

			alarm(60);
			_exit(find("10.0.0.8", &domain) != -ENOENT);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (size_t at = 0; at < COUNT(threads); at++)
		assert_int_equal(pthread_join(threads[at], NULL), 0);
}

static void a_child_asks_for_itself(void **state)
{
	int status = 1;
	pid_t child;

	(void)state;
	publish("10-0-0-5", "7");
	expect_domain("10.0.0.5", 7);
	child = fork();
	if (child == 0) {
		unsigned domain;

		_exit(find("10.0.0.5", &domain) != 0 || domain != 7);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(where_xsock_was_never_used_nothing_is_made),
		TEST(what_is_published_is_found),
		TEST(a_look_is_remembered_for_a_while),
		TEST(whose_an_address_is_is_always_asked),
		TEST(values_that_are_no_domain),
		TEST(what_a_guest_could_write_counts_for_nothing),
		TEST(a_guest_claims_in_vain),
		TEST(unknown_platforms),
		TEST(no_descriptor_stays_open),
		TEST(children_of_busy_parents),
		TEST(a_child_asks_for_itself),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
