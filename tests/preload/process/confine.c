/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A filter of system calls is told of before it is there, and nothing else is; syscall() and
 * prctl() hand all on. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../unit/unit.h"
#include "streams.h"

static struct sock_filter allow_all[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
static struct sock_fprog program = { .len = COUNT(allow_all), .filter = allow_all };

static int told_once(long result)
{
	if (result != 0)
		return errno;
	return atomic_load(&told->seal) == 1 && prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER ? 0
											     : 100;
}

static int by_prctl(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return told_once(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

static int by_seccomp(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return told_once(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

static int by_prctl_as_a_system_call(void)
{
	syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return told_once(syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program));
}

/* From then on there are read, write, and this end. */
static int strictly(void)
{
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
	syscall(SYS_exit, atomic_load(&told->seal) == 1 ? 0 : 100);
	return 101;
}

static void every_way_tells(void **state)
{
	(void)state;
	assert_int_equal(status_of_child(by_prctl), 0);
	assert_int_equal(status_of_child(by_seccomp), 0);
	assert_int_equal(status_of_child(by_prctl_as_a_system_call), 0);
	assert_int_equal(status_of_child(strictly), 0);
}

static void questions_do_not(void **state)
{
	unsigned action = SECCOMP_RET_ALLOW;
	char name[17] = "";

	(void)state;
	told_reset();
	assert_int_equal(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action), 0);
	assert_int_equal(prctl(PR_GET_SECCOMP), SECCOMP_MODE_DISABLED);
	assert_int_equal(prctl(PR_SET_NAME, "confined"), 0);
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_string_equal(name, "confined");
	assert_int_equal(atomic_load(&told->seal), 0);
	assert_int_equal(atomic_load(&told->exec), 0);
	assert_int_equal(atomic_load(&told->exit), 0);
}

/* Six arguments, the error in errno, results of more than an int. */
static void syscall_hands_all_on(void **state)
{
	long size = sysconf(_SC_PAGESIZE);
	int fd = memfd_create("pages", MFD_CLOEXEC);
	char *page;

	(void)state;
	assert_int_equal(ftruncate(fd, 2 * size), 0);
	assert_int_equal(pwrite(fd, "text", 5, size), 5);
	page = (char *)syscall(SYS_mmap, NULL, size, PROT_READ, MAP_PRIVATE, fd, size);
	assert_ptr_not_equal(page, MAP_FAILED);
	assert_string_equal(page, "text");
	assert_int_equal(syscall(SYS_munmap, page, size), 0);
	errno = 0;
	assert_int_equal(syscall(SYS_mmap, NULL, size, PROT_READ, MAP_PRIVATE, fd, 1L), -1);
	assert_int_equal(errno, EINVAL);
	close(fd);
}

RUN(TEST(every_way_tells), TEST(questions_do_not), TEST(syscall_hands_all_on))
