/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection goes back to TCP when its ring has grown, and is full. The launcher lets both ends
 * name no size. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../unit/unit.h"

#define ROUNDS 1000
#define GROWN ((size_t)512 << 10)
#define BLOCK ((size_t)64 << 10)

static char bytes[BLOCK];
static int written[2], got[2]; /* pipes of positions */

static char byte_at(size_t position)
{
	return (char)(position % 251);
}

/* 0 at the end, -1 with a wrong one among them. */
static ssize_t read_right(int fd, size_t position)
{
	ssize_t count = read(fd, bytes, sizeof bytes);

	for (ssize_t at = 0; at < count; at++)
		if (bytes[at] != byte_at(position + (size_t)at))
			return -1;
	return count;
}

static void say(const int pipe[2], size_t position)
{
	if (write(pipe[1], &position, sizeof position) != sizeof position)
		_exit(1);
}

static size_t hear(const int pipe[2])
{
	size_t position;

	if (read(pipe[0], &position, sizeof position) != sizeof position)
		_exit(2);
	return position;
}

/* All that it hears of; from 0 on it goes on where stdio may read, so over TCP. */
static _Noreturn void be_reader(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t position = 0, end;
	ssize_t count = 1;

	alarm(50);
	if (connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 ||
	    write(fd, "x", 1) != 1)
		_exit(3);
	while (count > 0 && (end = hear(written)) > 0) {
		for (; position < end && count > 0; position += (size_t)count)
			count = read_right(fd, position);
		say(got, position);
	}
	if (count <= 0 || dup2(fd, STDIN_FILENO) != STDIN_FILENO)
		_exit(4);
	say(got, position);
	while ((count = read_right(STDIN_FILENO, position)) > 0)
		position += (size_t)count;
	say(got, position);
	_exit(count < 0);
}

static pid_t start_reader(int *fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	pid_t reader;
	char byte;

	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	reader = fork();
	if (reader == 0)
		be_reader(&address);
	*fd = accept(listener, NULL, NULL);
	assert_true(*fd >= 0);
	close(listener);
	assert_int_equal(read(*fd, &byte, 1), 1);
	return reader;
}

static size_t fill(int fd, size_t position)
{
	ssize_t count;

	do {
		for (size_t at = 0; at < sizeof bytes; at++)
			bytes[at] = byte_at(position + at);
		count = write(fd, bytes, sizeof bytes);
		position += (size_t)(count > 0 ? count : 0);
	} while (count > 0);
	assert_int_equal(errno, EAGAIN);
	return position;
}

static void all_of_it_comes_back(void **state)
{
	size_t position = 0, before = 0;
	int fd, status, round = 0;
	pid_t reader;

	(void)state;
	assert_int_equal(pipe(written), 0);
	assert_int_equal(pipe(got), 0);
	reader = start_reader(&fd);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while ((position = fill(fd, position)) < before + GROWN) {
		assert_in_range(++round, 1, ROUNDS);
		say(written, position);
		before = hear(got);
		assert_int_equal(before, position);
	}
	say(written, 0);
	assert_int_equal(hear(got), before);
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	assert_int_equal(hear(got), position);
	assert_int_equal(close(fd), 0);
	assert_int_equal(waitpid(reader, &status, 0), reader);
	assert_int_equal(status, 0);
}

RUN(TEST(all_of_it_comes_back))
