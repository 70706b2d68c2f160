/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Children that close a connection which their parent goes on with, over a ring. The launcher makes
 * each call wait for that, or fail. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../unit/unit.h"

/* Programs still call vfork(). */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define CLOSED 7

/* Sends back what comes. */
static _Noreturn void be_peer(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char byte;

	if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0)
		_exit(1);
	while (read(fd, &byte, 1) == 1)
		if (write(fd, &byte, 1) != 1)
			_exit(2);
	_exit(0);
}

static pid_t start_peer(int *fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pid_t peer;

	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	peer = fork();
	if (peer == 0)
		be_peer(&address);
	*fd = accept(listener, NULL, NULL);
	assert_true(*fd >= 0);
	close(listener);
	return peer;
}

static void pass(int fd)
{
	char byte = 'x';

	assert_int_equal(write(fd, &byte, 1), 1);
	assert_int_equal(read(fd, &byte, 1), 1);
}

static void expect_exit(pid_t child, int code)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

static void child_closes(pid_t (*make)(void))
{
	int fd;
	pid_t peer = start_peer(&fd), child;

	for (int round = 0; round < 3; round++)
		pass(fd);
	child = make();
	if (child == 0) {
		close(fd);
		_exit(CLOSED);
	}
	expect_exit(child, CLOSED);
	pass(fd);
	close(fd);
	expect_exit(peer, 0);
}

static void of_fork(void **state)
{
	(void)state;
	child_closes(fork);
}

static void of_vfork(void **state)
{
	(void)state;
	child_closes(vfork);
}

static void of_fork_without_handlers(void **state)
{
	(void)state;
	child_closes(_Fork);
}

RUN(TEST(of_fork), TEST(of_vfork), TEST(of_fork_without_handlers))
