/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* xsock_lookup as a whole: its arguments, and who is asked first. */
#include <xsock/xsock.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "platform/platform.h"

#include "../unit.h"

static char directory[] = "/tmp/xsock-lookup-XXXXXX";
static char path[64];

/* As domain 0. */
static void put(const char *node, const char *value)
{
	struct store_permissions permissions = { .others = ACCESS_READ };
	struct platform *platform;
	struct store *store;

	assert_int_equal(platform_get("local", &platform), 0);
	assert_int_equal(platform->ops->store_open(platform, &store), 0);
	assert_int_equal(platform->ops->store_write(store, node, value), 0);
	assert_int_equal(platform->ops->store_set_permissions(store, node, &permissions), 0);
	platform->ops->store_close(store);
	platform_put(platform);
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/hosts", directory);
	setenv("XSOCK_HOSTS", path, 1);
	setenv("XSOCK_LOCAL_DIR", directory, 1);
	setenv("XSOCK_LOCAL_DOMAIN", "0", 1);
	put("/xsock/address", "");
	put("/xsock/address/10-0-0-1", "11");
	put("/xsock/address/10-0-0-2", "12");
	put("/xsock/address/10-0-0-3", "13");
	put("/xsock/address/10-0-0-4", "14");
	return setenv("XSOCK_LOCAL_DOMAIN", "3", 1);
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

static int lookup(const char *address, unsigned *domain)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(80) };

	assert_int_equal(inet_pton(AF_INET, address, &v4.sin_addr), 1);
	*domain = 99999;
	return xsock_lookup((struct sockaddr *)&v4, sizeof v4, "local", domain);
}

static void expect_domain(const char *address, unsigned expected)
{
	unsigned domain;

	assert_int_equal(lookup(address, &domain), 0);
	assert_int_equal(domain, expected);
}

static void expect_error(const char *address, int error, const char *why)
{
	unsigned domain;

	assert_int_equal(lookup(address, &domain), -1);
	assert_int_equal(errno, error);
	assert_int_equal(domain, 99999);
	if (strstr(xsock_last_error(), why) == NULL)
		fail_msg("of %s it says: %s", address, xsock_last_error());
}

static void the_file_goes_first(void **state)
{
	(void)state;
	write_file("10.0.0.1 1\n10.0.0.2 none\n10.0.0.3 self\n10.0.0.5 5\n");
	expect_domain("10.0.0.1", 1);
	expect_error("10.0.0.2", ENOENT, "the hosts file says");
	expect_domain("10.0.0.3", 3);
	expect_domain("10.0.0.4", 14);
	expect_domain("10.0.0.5", 5);
	expect_error("10.0.0.6", ENOENT, "no domain of this host is published");
}

static void without_a_file(void **state)
{
	(void)state;
	unlink(path);
	expect_domain("10.0.0.1", 11);
	expect_domain("10.0.0.2", 12);
}

/* Else an address that it says is elsewhere would go to whom XenStore names. */
static void a_malformed_file_is_no_file_to_pass_over(void **state)
{
	(void)state;
	write_file("10.0.0.2 nobody\n");
	expect_error("10.0.0.1", EINVAL, "hosts, line 1: 'nobody' is not a domain's number");
	unlink(path);
}

static void both_families(void **state)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_scope_id = 7 };
	unsigned domain;

	(void)state;
	write_file("fd00::/64 6\n");
	assert_int_equal(inet_pton(AF_INET6, "fd00::1234", &v6.sin6_addr), 1);
	assert_int_equal(xsock_lookup((struct sockaddr *)&v6, sizeof v6, "local", &domain), 0);
	assert_int_equal(domain, 6);
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.1", &v6.sin6_addr), 1);
	assert_int_equal(xsock_lookup((struct sockaddr *)&v6, sizeof v6, "local", &domain), 0);
	assert_int_equal(domain, 11);
	unlink(path);
}

static void wrong_arguments(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_un local = { .sun_family = AF_UNIX };
	struct sockaddr *any = (struct sockaddr *)&v4;
	unsigned domain;

	(void)state;
	errno = 0;
	assert_int_equal(xsock_lookup(NULL, sizeof v4, NULL, &domain), -1);
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_int_equal(xsock_lookup(any, sizeof v4, NULL, NULL), -1);
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_int_equal(xsock_lookup(any, sizeof v4 - 1, NULL, &domain), -1);
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_int_equal(xsock_lookup(any, sizeof v4, "postal", &domain), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(xsock_lookup((struct sockaddr *)&local, sizeof local, NULL, &domain), -1);
	assert_int_equal(errno, EAFNOSUPPORT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_file_goes_first),
		TEST(without_a_file),
		TEST(a_malformed_file_is_no_file_to_pass_over),
		TEST(both_families),
		TEST(wrong_arguments),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
