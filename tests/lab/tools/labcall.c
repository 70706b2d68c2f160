/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * labcall ADDRESS SECONDS JOB: in dom0. Has the agent at ADDRESS run the script JOB/request, and
 * fills JOB/out, JOB/err and JOB/pid as they come and JOB/rc at the end. Its own status is the
 * script's; 124: not within SECONDS, and the agent kills it; 255: no connection, or it was lost.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "frames.h"

enum { GAVE_UP = 124, LOST = 255 };

static const char *job;
static int out, err;
static struct timespec deadline;

static const char *job_file(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof path, "%s/%s", job, name);
	return path;
}

static void write_number(const char *name, uint32_t number)
{
	FILE *file = fopen(job_file(name), "w");

	if (file) {
		fprintf(file, "%u\n", number);
		fclose(file);
	}
}

/* The rename makes it whole: who sees rc sees the rest. */
static int end_job(int status)
{
	char new_name[4096];

	write_number("rc.new", (uint32_t)status);
	strcpy(new_name, job_file("rc.new"));
	rename(new_name, job_file("rc"));
	return status;
}

static int give_up(int status, const char *why, const char *what)
{
	dprintf(err, "lab: %s: %s\n", why, what);
	return end_job(status);
}

static int milliseconds_left(void)
{
	struct timespec now;
	long left;

	clock_gettime(CLOCK_MONOTONIC, &now);
	left = (deadline.tv_sec - now.tv_sec) * 1000 + (deadline.tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

static int wait_ready(int fd, short events)
{
	struct pollfd poll_fd = { fd, events, 0 };
	int n;

	do
		n = poll(&poll_fd, 1, milliseconds_left());
	while (n < 0 && errno == EINTR);
	return n;
}

/* A guest that is destroyed says nothing any more: keepalive finds out within 15 s. */
static int call(const char *address)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(LAB_PORT) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1, idle = 5, count = 10,
	    problem = 0;
	socklen_t size = sizeof problem;

	inet_pton(AF_INET, address, &to.sin_addr);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
		return -1;
	if (wait_ready(fd, POLLOUT) <= 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &size);
	errno = problem;
	fcntl(fd, F_SETFL, 0);
	return problem ? -1 : fd;
}

static char *read_request(void)
{
	int fd = open(job_file("request"), O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);
	char *script = size < 0 ? NULL : calloc(1, (size_t)size + 1);

	if (!script || lseek(fd, 0, SEEK_SET) < 0 || read_all(fd, script, (size_t)size) < 0)
		return NULL;
	close(fd);
	return script;
}

static int take_answer(int fd, const char *address)
{
	static char data[FRAME_MAX];
	struct frame frame;
	uint32_t number = 0;

	for (;;) {
		int ready = wait_ready(fd, POLLIN);

		if (ready == 0)
			return give_up(GAVE_UP, address, "no answer within the time");
		if (ready < 0 || read_all(fd, &frame, sizeof frame) < 0 ||
		    frame.length > sizeof data || read_all(fd, data, frame.length) < 0)
			return give_up(LOST, address, "connection lost");
		memcpy(&number, data, sizeof number);
		if (frame.type == FRAME_EXIT)
			return end_job((int)number);
		if (frame.type == FRAME_PID)
			write_number("pid", number);
		else if (write_all(frame.type == FRAME_OUT ? out : err, data, frame.length) < 0)
			return give_up(LOST, job, strerror(errno));
	}
}

int main(int argc, char **argv)
{
	char *script;
	int fd;

	if (argc != 4) {
		fprintf(stderr, "usage: labcall ADDRESS SECONDS JOB\n");
		return 2;
	}
	job = argv[3];
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += atoi(argv[2]);
	out = open(job_file("out"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	err = open(job_file("err"), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	script = read_request();
	if (out < 0 || err < 0 || !script) {
		perror(job);
		return LOST;
	}
	fd = call(argv[1]);
	if (fd < 0 || send_frame(fd, FRAME_RUN, script, (uint32_t)strlen(script)) < 0)
		return give_up(LOST, argv[1], strerror(errno));
	return take_answer(fd, argv[1]);
}
