/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file: which one, read when, and who may ask. */
#include "conn/hostsfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"

#include "../unit.h"

static char directory[] = "/tmp/xsock-hostsfile-XXXXXX";
static char path[64], other_path[64];

static int set_up(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return 1;
	snprintf(path, sizeof path, "%s/hosts", directory);
	snprintf(other_path, sizeof other_path, "%s/other", directory);
	return setenv("XSOCK_HOSTS", path, 1);
}

static int tear_down(void **state)
{
	char command[80];

	(void)state;
	snprintf(command, sizeof command, "rm -r %s", directory);
	return system(command) != 0;
}

/* In place: the inode stays. */
static void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int find(const char *address, unsigned *owner)
{
	struct ip ip;

	assert_true(ip_from_text(address, &ip) > 0);
	*owner = 99999;
	return hostsfile_find(&ip, owner);
}

static void expect_owner(const char *address, unsigned expected)
{
	unsigned owner;

	assert_int_equal(find(address, &owner), 0);
	assert_int_equal(owner, expected);
}

static void no_file(void **state)
{
	unsigned owner;

	(void)state;
	unlink(path);
	assert_int_equal(find("10.0.0.1", &owner), -ENOENT);
	setenv("XSOCK_HOSTS", "/nowhere/at/all", 1);
	assert_int_equal(find("10.0.0.1", &owner), -ENOENT);
	setenv("XSOCK_HOSTS", path, 1);
	assert_int_equal(owner, 99999);
}

/* Same length, same inode, a moment later. */
static void a_change_is_seen_at_once(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		char text[32];

		snprintf(text, sizeof text, "10.0.0.1 %03u\n", round);
		write_file(path, text);
		expect_owner("10.0.0.1", round);
	}
}

static void set_age(const char *name, long seconds)
{
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= seconds;
	times[0].tv_nsec = 0;
	times[1] = times[0];
	assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

static void copy_times(const char *name, const struct stat *from)
{
	struct timespec times[2] = { from->st_atim, from->st_mtim };

	assert_int_equal(utimensat(AT_FDCWD, name, times, 0), 0);
}

/* What nobody can tell from an unchanged file is not read again, so it is really remembered. */
static void an_old_file_is_read_once(void **state)
{
	struct stat before;
	unsigned owner;

	(void)state;
	write_file(path, "10.0.0.1 1\n");
	set_age(path, 3600);
	assert_int_equal(stat(path, &before), 0);
	expect_owner("10.0.0.1", 1);
	write_file(path, "10.0.0.2 2\n");
	copy_times(path, &before);
	expect_owner("10.0.0.1", 1);
	assert_int_equal(find("10.0.0.2", &owner), -ENOENT);
	/* Any one of the signs is enough. */
	set_age(path, 3500);
	expect_owner("10.0.0.2", 2);
	write_file(path, "10.0.0.3 03\n");
	set_age(path, 3500);
	expect_owner("10.0.0.3", 3);
	assert_int_equal(stat(path, &before), 0);
	write_file(other_path, "10.0.0.4 04\n");
	copy_times(other_path, &before);
	assert_int_equal(rename(other_path, path), 0);
	expect_owner("10.0.0.4", 4);
}

static void a_malformed_file(void **state)
{
	unsigned owner;

	(void)state;
	write_file(path, "10.0.0.1 1\n10.0.0.2\n");
	for (int age = 0; age < 3; age++) {
		/* For the line that is fine, too; and from memory as well. */
		assert_int_equal(find("10.0.0.1", &owner), -EINVAL);
		assert_non_null(strstr(last_failure(), path));
		assert_non_null(strstr(last_failure(), "line 2"));
		(fail)(EIO, "something else");
		set_age(path, 3600);
	}
	write_file(path, "10.0.0.1 1\n");
	expect_owner("10.0.0.1", 1);
}

static void another_file(void **state)
{
	(void)state;
	write_file(path, "10.0.0.1 1\n");
	write_file(other_path, "10.0.0.1 2\n");
	for (int round = 0; round < 3; round++) {
		setenv("XSOCK_HOSTS", path, 1);
		expect_owner("10.0.0.1", 1);
		setenv("XSOCK_HOSTS", other_path, 1);
		expect_owner("10.0.0.1", 2);
		set_age(path, 3600);
		set_age(other_path, 3600);
	}
	setenv("XSOCK_HOSTS", path, 1);
}

static void what_is_no_file(void **state)
{
	char long_name[5000];
	unsigned owner;

	(void)state;
	setenv("XSOCK_HOSTS", directory, 1);
	assert_int_equal(find("10.0.0.1", &owner), -EINVAL);
	unlink(other_path);
	assert_int_equal(mkfifo(other_path, 0600), 0);
	setenv("XSOCK_HOSTS", other_path, 1);
	assert_int_equal(find("10.0.0.1", &owner), -EINVAL);
	unlink(other_path);
	assert_int_equal(mknod(other_path, S_IFSOCK | 0600, 0), 0);
	assert_int_equal(find("10.0.0.1", &owner), -ENXIO);
	unlink(other_path);
	memset(long_name, 'x', sizeof long_name - 1);
	long_name[300] = '\0';
	setenv("XSOCK_HOSTS", long_name, 1);
	assert_int_equal(find("10.0.0.1", &owner), -ENAMETOOLONG);
	long_name[300] = 'x';
	long_name[0] = '/';
	long_name[sizeof long_name - 1] = '\0';
	setenv("XSOCK_HOSTS", long_name, 1);
	assert_int_equal(find("10.0.0.1", &owner), -EINVAL);
	setenv("XSOCK_HOSTS", path, 1);
}

static void a_file_that_is_too_large(void **state)
{
	unsigned owner;

	(void)state;
	write_file(path, "10.0.0.1 1\n");
	assert_int_equal(truncate(path, (1 << 20) + 1), 0);
	assert_int_equal(find("10.0.0.1", &owner), -EINVAL);
}

static void no_descriptor_stays_open(void **state)
{
	int before = dup(0), after;

	(void)state;
	close(before);
	write_file(path, "10.0.0.1 1\n");
	expect_owner("10.0.0.1", 1);
	write_file(path, "10.0.0.1\n");
	find("10.0.0.1", &(unsigned){ 0 });
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

static bool stop;

static void *look_on(void *unused)
{
	uintptr_t wrong = 0;
	struct ip ip;

	(void)unused;
	ip_from_text("10.0.0.1", &ip);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unsigned owner;

		wrong += hostsfile_find(&ip, &owner) != 0 || (owner != 1 && owner != 22);
	}
	return (void *)wrong;
}

static void replace(const char *text, int age)
{
	write_file(other_path, text);
	set_age(other_path, age);
	assert_int_equal(rename(other_path, path), 0);
}

#define THREADS 3

static void start_threads(pthread_t threads[THREADS])
{
	stop = false;
	for (size_t at = 0; at < THREADS; at++)
		assert_int_equal(pthread_create(&threads[at], NULL, look_on, NULL), 0);
}

static void end_threads(pthread_t threads[THREADS])
{
	void *wrong;

	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (size_t at = 0; at < THREADS; at++) {
		assert_int_equal(pthread_join(threads[at], &wrong), 0);
		assert_null(wrong);
	}
}

/* Old or new, never anything else, while the file is replaced under many readers. */
static void many_threads(void **state)
{
	pthread_t threads[THREADS];

	(void)state;
	replace("10.0.0.1 1\n", 3600);
	start_threads(threads);
	for (int round = 0; round < 1000; round++)
		replace(round % 2 ? "10.0.0.1 1\n" : "10.0.0.1 22\n", round % 3 ? 3600 : 0);
	end_threads(threads);
}

/* A child is made while others hold the lock, which nobody opens for it but the library. (What it
 * asks for is in memory: the sanitizers' malloc is not fit for such a child.) */
static void children_of_busy_parents(void **state)
{
	pthread_t threads[THREADS];
	unsigned owner;

	(void)state;
	replace("10.0.0.1 1\n", 3600);
	expect_owner("10.0.0.1", 1);
	start_threads(threads);
	for (int round = 0; round < 300; round++) {
		int status = 1;
		pid_t child = fork();

		if (child == 0) {
			alarm(60);
			_exit(find("10.0.0.1", &owner) != 0 || owner != 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
	end_threads(threads);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_file),
		TEST(a_change_is_seen_at_once),
		TEST(an_old_file_is_read_once),
		TEST(a_malformed_file),
		TEST(another_file),
		TEST(what_is_no_file),
		TEST(a_file_that_is_too_large),
		TEST(no_descriptor_stays_open),
		TEST(many_threads),
		TEST(children_of_busy_parents),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
