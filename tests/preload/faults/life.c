/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One end of a TCP connection's life, as a program that knows nothing of rings lives it; what it
 * has read is right to the last byte, or it says what failed, and ends with 1.
 *
 *      life server LIFE           listens at 127.0.0.1 and prints the port
 *      life client LIFE PORT      connects from 127.0.0.2
 *
 * Each sends TOTAL bytes and receives as many; the client ends its half first, the server says
 * more, then closes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/stream.h"

#define TOTAL (1u << 20)
#define BLOCK (64u << 10)
#define MORE 1000

static bool server;
static const char *program;

static void die(const char *what)
{
	printf("%s: %s: %s\n", server ? "server" : "client", what, strerror(errno));
	exit(1);
}

/* ------------------------------------------------------------------ bytes */

static uint64_t key(bool of_server)
{
	return of_server ? 1 : 2;
}

static size_t send_some(int fd, uint64_t from, size_t length)
{
	static char bytes[BLOCK];
	ssize_t count;

	stream_fill(key(server), from, bytes, length);
	count = send(fd, bytes, length, MSG_NOSIGNAL);
	if (count < 0 && errno != EAGAIN)
		die("send");
	return count > 0 ? (size_t)count : 0;
}

/* *end: there is no more. */
static size_t receive_some(int fd, uint64_t from, size_t length, bool *end)
{
	static char bytes[BLOCK];
	ssize_t count = recv(fd, bytes, length, 0);

	*end = count == 0;
	if (count < 0 && errno != EAGAIN)
		die("receive");
	if (count > 0 && stream_differs(key(!server), from, bytes, (size_t)count) >= 0) {
		errno = EBADMSG;
		die("wrong bytes");
	}
	return count > 0 ? (size_t)count : 0;
}

static void send_all(int fd, uint64_t from, uint64_t until)
{
	while (from < until)
		from += send_some(fd, from, until - from < BLOCK ? (size_t)(until - from) : BLOCK);
}

static void receive_all(int fd, uint64_t from, uint64_t until)
{
	bool end = false;

	while (from < until && !end)
		from += receive_some(fd, from,
				     until - from < BLOCK ? (size_t)(until - from) : BLOCK, &end);
	if (end) {
		errno = ENODATA;
		die("too early an end");
	}
}

/* Blocks in turn. */
static void exchange(int fd, uint64_t from, uint64_t until)
{
	for (; from < until; from += BLOCK)
		if (server) {
			receive_all(fd, from, from + BLOCK);
			send_all(fd, from, from + BLOCK);
		} else {
			send_all(fd, from, from + BLOCK);
			receive_all(fd, from, from + BLOCK);
		}
}

static void await_end(int fd, uint64_t from)
{
	bool end = false;

	if (receive_some(fd, from, BLOCK, &end) != 0 || !end)
		die("no end");
}

/* ------------------------------------------------------------------ lives */

static void finish(int fd)
{
	if (server) {
		await_end(fd, TOTAL);
		send_all(fd, TOTAL, TOTAL + MORE);
	} else {
		if (shutdown(fd, SHUT_WR) != 0)
			die("shutdown");
		receive_all(fd, TOTAL, TOTAL + MORE);
		await_end(fd, TOTAL + MORE);
	}
	if (close(fd) != 0)
		die("close");
}

static void live_plain(int fd)
{
	exchange(fd, 0, TOTAL);
	finish(fd);
}

/* Everything at the same time, when there is room, or something to read. */
static void live_epoll(int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	int set = epoll_create1(EPOLL_CLOEXEC);
	uint64_t sent = 0, received = 0;
	bool end = false;

	if (set < 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0)
		die("epoll_create1");
	if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
		die("epoll_ctl");
	while (sent < TOTAL || received < TOTAL) {
		if (epoll_wait(set, &event, 1, -1) != 1)
			die("epoll_wait");
		if ((event.events & EPOLLOUT) != 0 && sent < TOTAL)
			sent += send_some(fd, sent, BLOCK < TOTAL - sent ? BLOCK : TOTAL - sent);
		if ((event.events & EPOLLIN) != 0 && received < TOTAL)
			received += receive_some(
				fd, received, BLOCK < TOTAL - received ? BLOCK : TOTAL - received,
				&end);
		if (end)
			die("too early an end");
		event.events = EPOLLIN | (sent < TOTAL ? EPOLLOUT : 0);
		if (epoll_ctl(set, EPOLL_CTL_MOD, fd, &event) != 0)
			die("epoll_ctl");
	}
	if (fcntl(fd, F_SETFL, 0) != 0)
		die("fcntl");
	finish(fd);
	close(set);
}

/* A child of the client's takes a part over, from a process that has the ring and only waits; one
 * of the server's all. */
static void live_fork(int fd)
{
	pid_t child;
	int status;

	if (!server)
		exchange(fd, 0, TOTAL / 4);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0) {
		exchange(fd, server ? 0 : TOTAL / 4, server ? TOTAL : TOTAL / 2);
		if (server)
			finish(fd);
		exit(0);
	}
	if (server && close(fd) != 0)
		die("close");
	if (waitpid(child, &status, 0) != child || status != 0)
		die("the child failed");
	if (server)
		return;
	exchange(fd, TOTAL / 2, TOTAL);
	finish(fd);
}

/* A block is on its way each way already. */
static void live_after_exec(int fd)
{
	receive_all(fd, TOTAL / 2, TOTAL / 2 + BLOCK);
	exchange(fd, TOTAL / 2 + BLOCK, TOTAL);
	finish(fd);
}

/* Another program takes the second part over at the client's end. */
static void live_exec(int fd)
{
	char number[12];

	exchange(fd, 0, TOTAL / 2);
	send_all(fd, TOTAL / 2, TOTAL / 2 + BLOCK);
	if (server) {
		live_after_exec(fd);
		return;
	}
	snprintf(number, sizeof number, "%d", fd);
	if (fcntl(fd, F_SETFD, 0) == 0)
		execl(program, program, "client", "after-exec", number, (char *)NULL);
	die("exec");
}

static const struct {
	const char *name;
	void (*live)(int fd);
} lives[] = {
	{ "plain", live_plain }, { "epoll", live_epoll },           { "fork", live_fork },
	{ "exec", live_exec },   { "after-exec", live_after_exec },
};

/* ------------------------------------------------------------------ the connection */

static int connect_to(int port)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1) };
	struct sockaddr_in peer = { .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				    .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0 ||
	    connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0)
		die("connect");
	return fd;
}

static int accept_one(void)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
	socklen_t length = sizeof own;

	if (listener < 0 || bind(listener, (struct sockaddr *)&own, length) != 0 ||
	    listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&own, &length) != 0)
		die("listen");
	printf("%d\n", ntohs(own.sin_port));
	fflush(stdout);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		die("accept");
	close(listener);
	return fd;
}

int main(int count, char *arguments[])
{
	int fd;

	if (count < 3)
		return 2;
	program = arguments[0];
	server = strcmp(arguments[1], "server") == 0;
	if (strcmp(arguments[2], "after-exec") == 0)
		fd = atoi(arguments[3]);
	else
		fd = server ? accept_one() : connect_to(atoi(arguments[3]));
	for (size_t at = 0; at < sizeof lives / sizeof lives[0]; at++)
		if (strcmp(lives[at].name, arguments[2]) == 0) {
			lives[at].live(fd);
			return 0;
		}
	return 2;
}
