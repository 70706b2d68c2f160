/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The library's descriptors inside a program: out of its way, and told apart from its own. */
#include "scenarios.h"

#include "pair.h"
#include "process.h"
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLOOR 400
#define NUMBERS 1024

/* As a program's wrapper does it; all in this process, Xen's libraries too, close through it. */
static atomic_uint closed_while_owned;

__attribute__((visibility("default"))) int close(int fd)
{
	if (xsock_owns_descriptor(fd))
		atomic_fetch_add(&closed_while_owned, 1);
	return (int)syscall(SYS_close, fd);
}

static void open_numbers(bool is_open[NUMBERS])
{
	for (int fd = 0; fd < NUMBERS; fd++)
		is_open[fd] = fcntl(fd, F_GETFD) >= 0;
}

static void owned_numbers(bool is_owned[NUMBERS])
{
	for (int fd = 0; fd < NUMBERS; fd++)
		is_owned[fd] = xsock_owns_descriptor(fd);
}

static void expect_same(struct side *side, const bool before[NUMBERS], const bool now[NUMBERS],
			const char *what)
{
	bool same = true;

	for (int fd = 0; fd < NUMBERS; fd++) {
		if (before[fd] == now[fd])
			continue;
		printf("# %c: descriptor %d was %s%s, is %s%s\n", side->letter, fd,
		       before[fd] ? "" : "not ", what, now[fd] ? "" : "not ", what);
		same = false;
	}
	CHECK(same);
}

/* Xen's libraries open some where they like; they are told all the same. */
static void expect_out_of_the_way(struct side *side, const bool before[NUMBERS])
{
	bool now[NUMBERS];
	unsigned low = 0;

	open_numbers(now);
	for (int fd = 0; fd < NUMBERS; fd++) {
		if (before[fd] || !now[fd]) {
			CHECK(now[fd] || !xsock_owns_descriptor(fd));
			continue;
		}
		if (!xsock_owns_descriptor(fd))
			printf("# %c: descriptor %d is nobody's\n", side->letter, fd);
		CHECK(xsock_owns_descriptor(fd));
		low += fd < FLOOR;
	}
	if (!strcmp(side->ops->name, "local"))
		CHECK_RESULT(low, 0);
}

/* -- moved, known, forgotten ------------------------------------------------------------------ */

static void use_in_all_ways(struct side *side, const bool before[NUMBERS])
{
	struct xsock *listener = NULL, *socket;
	bool now[NUMBERS];
	int fd;

	if (side->letter == 'a') {
		listener = open_listener(side, NULL);
		CHECK(xsock_fd(listener) >= FLOOR);
		socket = must_accept(listener);
	} else {
		await_listener(side);
		socket = must_connect(side, NULL);
	}
	fd = xsock_fd(socket);
	CHECK(fd >= FLOOR && xsock_owns_descriptor(fd));
	meet_over(socket);
	expect_out_of_the_way(side, before);
	/* A program that counts on the lowest number gets it. */
	open_numbers(now);
	fd = dup(0);
	for (int lower = 0; lower < fd; lower++)
		CHECK(now[lower]);
	CHECK(!xsock_owns_descriptor(fd));
	close(fd);
	stream_send(socket, 1, 0, 10000);
	stream_receive(socket, 1, 0, 10000);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

void descriptors_out_of_the_way(struct side *side)
{
	bool before[NUMBERS], after[NUMBERS], owned_before[NUMBERS], owned_after[NUMBERS];

	/* The sides' own store may open more for its first wait. */
	CHECK(side->ops->store_fd(side->meeting) >= 0);
	open_numbers(before);
	owned_numbers(owned_before);
	FAILS(xsock_set_descriptor_floor(-1), EINVAL, "-1");
	CHECK_RESULT(xsock_set_descriptor_floor(FLOOR), 0);
	use_in_all_ways(side, before);
	open_numbers(after);
	owned_numbers(owned_after);
	expect_same(side, owned_before, owned_after, "owned");
	expect_same(side, before, after, "open");
	CHECK_RESULT(atomic_load(&closed_while_owned), 0);
	CHECK_RESULT(xsock_owns_descriptor(-1), 0);
	CHECK_RESULT(xsock_set_descriptor_floor(0), 0);
}

/* -- in a child ------------------------------------------------------------------------------- */

struct inheritance {
	struct xsock *socket, *listener;
	int fd; /* the socket's */
	bool owned[NUMBERS];
};

/* What the parent owned and this child still has. */
static void expect_inherited(struct side *side, const struct inheritance *inherited)
{
	bool expected[NUMBERS], now[NUMBERS];

	open_numbers(expected);
	owned_numbers(now);
	for (int fd = 0; fd < NUMBERS; fd++)
		expected[fd] = expected[fd] && inherited->owned[fd];
	expect_same(side, expected, now, "owned and open in a child");
}

static void look_in_child(struct side *side, void *argument)
{
	const struct inheritance *inherited = argument;

	CHECK_RESULT(xsock_owns_descriptor(inherited->fd), 1);
	expect_inherited(side, inherited);
	CHECK_RESULT(xsock_close(inherited->socket), 0);
	CHECK_RESULT(xsock_owns_descriptor(inherited->fd), 0);
	CHECK_RESULT(xsock_close(inherited->listener), 0);
	expect_inherited(side, inherited);
	CHECK_RESULT(atomic_load(&closed_while_owned), 0);
}

void descriptors_in_a_child(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct inheritance inherited = { .listener = xsock_listen("mine", &options) };
	bool now[NUMBERS];

	CHECK(inherited.listener);
	inherited.socket = open_pair(side, NULL);
	inherited.fd = xsock_fd(inherited.socket);
	CHECK(inherited.fd >= 0);
	meet_over(inherited.socket);
	owned_numbers(inherited.owned);
	process_end(process_start(side, look_in_child, &inherited));
	owned_numbers(now);
	expect_same(side, inherited.owned, now, "owned");
	meet_over(inherited.socket);
	CHECK_RESULT(xsock_close(inherited.socket), 0);
	CHECK_RESULT(xsock_close(inherited.listener), 0);
}
