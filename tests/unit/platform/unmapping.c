/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A set-up that fails half-way unmaps what it mapped, each page once: another thread may have
 * mapped something there since. */
#include "conn/pages.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../unit.h"

/* Which of the calls to come fails: 1 the next; 0 none. */
static int failing_madvise, failing_mprotect, failing_mmap;
static int strays;

static bool fails(int *which)
{
	return *which > 0 && --*which == 0;
}

int madvise(void *address, size_t size, int advice)
{
	if (fails(&failing_madvise)) {
		errno = ENOMEM;
		return -1;
	}
	return (int)syscall(SYS_madvise, address, size, advice);
}

int mprotect(void *address, size_t size, int protection)
{
	if (fails(&failing_mprotect)) {
		errno = ENOMEM;
		return -1;
	}
	return (int)syscall(SYS_mprotect, address, size, protection);
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (fails(&failing_mmap)) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
}

int munmap(void *address, size_t size)
{
	unsigned char resident[64];

	strays += mincore(address, size, resident) != 0;
	return (int)syscall(SYS_munmap, address, size);
}

static char directory[] = "/tmp/xsock-unmapping-XXXXXX";
static struct platform *platform;
static struct pages_plan plan = { .nonce = 7, .ring_bytes = { 8192, 8192 } };

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL || setenv("XSOCK_LOCAL_DIR", directory, 1) != 0 ||
	    platform_get("local", &platform) != 0)
		return -1;
	plan.peer = platform->self;
	return 0;
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	platform_put(platform);
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

static void expect_no_grant(void)
{
	struct pages pages;
	uint32_t reference;

	assert_int_equal(pages_grant(&pages, platform, &plan, NULL, &reference), -ENOMEM);
	assert_int_equal(failing_madvise + failing_mmap, 0);
	assert_int_equal(strays, 0);
}

/* Of the control page, and of two rings. */
static void of_a_granter(void **state)
{
	(void)state;
	for (int which = 1; which <= 3; which++) {
		failing_madvise = which;
		expect_no_grant();
		failing_mmap = which;
		expect_no_grant();
	}
}

static void expect_no_mapping(uint32_t reference)
{
	struct pages pages;

	assert_int_equal(pages_map(&pages, platform, &plan, NULL, reference), -ENOMEM);
	assert_int_equal(failing_madvise + failing_mmap + failing_mprotect, 0);
	assert_int_equal(strays, 0);
}

/* All at once; or the ring that is only read by itself. */
static void of_a_mapper(void **state)
{
	struct pages granted;
	uint32_t reference;

	(void)state;
	assert_int_equal(pages_grant(&granted, platform, &plan, NULL, &reference), 0);
	failing_madvise = 1;
	expect_no_mapping(reference);
	failing_mmap = 1;
	expect_no_mapping(reference);
	failing_mprotect = 1;
	failing_madvise = 2;
	expect_no_mapping(reference);
	for (int which = 2; which <= 3; which++) {
		failing_mprotect = 1;
		failing_mmap = which;
		expect_no_mapping(reference);
	}
	pages_release(&granted, false);
	assert_int_equal(strays, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(of_a_granter), TEST(of_a_mapper) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
