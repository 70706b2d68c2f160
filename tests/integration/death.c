/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A process of B's domain is killed at any moment of a connection's life: A receives all that was
 * published, then learns of the death, wherever it waits.
 */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "process.h"
#include "stream.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define RING ((size_t)16384)
#define PUBLISHED ((size_t)10000)

/* Where A is when the victim dies. */
enum place { READING_LATER, IN_RECV, IN_SEND, IN_POLL, IN_EPOLL, MID_TRANSFER, PLACES };

struct plan {
	enum place place;
	enum xsock_role role_of_victim;
	bool with_child;
};

/* -- B ---------------------------------------------------------------------------------------- */

static void be_victim(struct side *side, void *argument)
{
	const struct plan *plan = argument;
	struct xsock_options options = { .role = plan->role_of_victim };
	struct xsock *socket = must_connect(side, &options);
	uint64_t from = PUBLISHED;

	if (plan->with_child && fork() == 0)
		process_sleep();
	stream_send(socket, 3, 0, PUBLISHED);
	while (plan->place == MID_TRANSFER) {
		stream_send(socket, 3, from, 777);
		from += 777;
	}
	process_sleep();
}

static void kill_one(struct side *side, struct plan plan, const char *number)
{
	char value[8], word[32];
	pid_t victim;

	await_listener(side);
	victim = process_start(side, be_victim, &plan);
	snprintf(word, sizeof word, "kill-%s", number);
	hear(side, word, value, sizeof value);
	process_kill(victim);
	snprintf(word, sizeof word, "killed-%s", number);
	say(side, word, "%s", "yes");
	snprintf(word, sizeof word, "learned-%s", number);
	hear(side, word, value, sizeof value);
	process_kill_rest(victim);
}

/* -- A ---------------------------------------------------------------------------------------- */

static void order_death(struct side *side, const char *number)
{
	char word[32];

	snprintf(word, sizeof word, "kill-%s", number);
	say(side, word, "%s", "now");
}

static void await_death(struct side *side, const char *number)
{
	char value[8], word[32];

	snprintf(word, sizeof word, "killed-%s", number);
	hear(side, word, value, sizeof value);
}

static void expect_dead(struct xsock *socket)
{
	char byte;

	for (int again = 0; again < 2; again++) {
		FAILS(xsock_recv(socket, &byte, 1, 0), ECONNRESET, "died");
		FAILS(xsock_recv(socket, &byte, 1, MSG_DONTWAIT), ECONNRESET, "died");
		CHECK(xsock_send(socket, "x", 1, 0) == -1);
		CHECK(errno == ECONNRESET || errno == EPIPE);
	}
	CHECK(ready_now(socket, POLLIN) & POLLERR);
	CHECK(ready_now(socket, POLLIN) & POLLIN);
	CHECK(descriptor_shows(socket));
}

static void die_in_call(struct side *side, struct call *call, const char *number)
{
	call_start_asleep(call);
	order_death(side, number);
	call_end(call);
}

static void in_recv(struct side *side, struct xsock *socket, const char *number)
{
	char byte;
	struct call call = { .socket = socket, .run = call_recv, .buffer = &byte, .length = 1 };

	stream_receive(socket, 3, 0, PUBLISHED);
	die_in_call(side, &call, number);
	CHECK_RESULT(call.result, -1);
	CHECK_RESULT(call.error, ECONNRESET);
}

static void in_send(struct side *side, struct xsock *socket, const char *number)
{
	char block[1024] = "";
	struct call call = {
		.socket = socket, .run = call_send, .buffer = block, .length = sizeof block
	};

	AWAIT(info_of(socket).bytes_to_receive == PUBLISHED);
	while (xsock_send(socket, block, sizeof block, MSG_DONTWAIT) > 0)
		continue;
	CHECK(errno == EAGAIN);
	die_in_call(side, &call, number);
	CHECK_RESULT(call.result, -1);
	CHECK(call.error == ECONNRESET || call.error == EPIPE);
	stream_receive(socket, 3, 0, PUBLISHED);
}

static void in_poll(struct side *side, struct xsock *socket, const char *number)
{
	struct call call = { .socket = socket, .run = call_poll, .flags = POLLIN };

	stream_receive(socket, 3, 0, PUBLISHED);
	call_start(&call);
	order_death(side, number);
	CHECK(call_end(&call) & POLLERR);
}

static void in_epoll(struct side *side, struct xsock *socket, const char *number)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN };
	char byte;
	ssize_t count;

	stream_receive(socket, 3, 0, PUBLISHED);
	CHECK_RESULT(epoll_ctl(fd, EPOLL_CTL_ADD, xsock_fd(socket), &event), 0);
	CHECK_RESULT(xsock_recv(socket, &byte, 1, MSG_DONTWAIT), -1);
	order_death(side, number);
	do {
		CHECK_RESULT(epoll_wait(fd, &event, 1, WAIT_LIMIT), 1);
		count = xsock_recv(socket, &byte, 1, MSG_DONTWAIT);
	} while (count < 0 && errno == EAGAIN);
	CHECK_RESULT(count, -1);
	CHECK_RESULT(errno, ECONNRESET);
	close(fd);
}

static void mid_transfer(struct side *side, struct xsock *socket, const char *number)
{
	char block[5000];
	uint64_t total = 0;
	ssize_t count;

	while ((count = xsock_recv(socket, block, sizeof block, 0)) > 0) {
		CHECK(stream_matches(3, total, block, (size_t)count));
		if (total < 100000 && total + (uint64_t)count >= 100000)
			order_death(side, number);
		total += (uint64_t)count;
	}
	CHECK_RESULT(count, -1);
	CHECK_RESULT(errno, ECONNRESET);
	CHECK(total >= 100000);
}

static void reading_later(struct side *side, struct xsock *socket, const char *number)
{
	AWAIT(info_of(socket).bytes_to_receive == PUBLISHED);
	order_death(side, number);
	await_death(side, number);
	stream_receive(socket, 3, 0, PUBLISHED);
}

static void survive_one(struct side *side, struct plan plan, const char *number)
{
	static void (*const places[PLACES])(struct side *, struct xsock *, const char *) = {
		[READING_LATER] = reading_later,
		[IN_RECV] = in_recv,
		[IN_SEND] = in_send,
		[IN_POLL] = in_poll,
		[IN_EPOLL] = in_epoll,
		[MID_TRANSFER] = mid_transfer,
	};
	struct xsock_options options = { .send_ring = RING, .recv_ring = RING };
	struct xsock *listener, *socket;
	char word[32];

	options.role = plan.role_of_victim == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
	listener = open_listener(side, &options);
	socket = must_accept(listener);
	places[plan.place](side, socket, number);
	expect_dead(socket);
	await_death(side, number);
	snprintf(word, sizeof word, "learned-%s", number);
	say(side, word, "%s", "yes");
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

static void deaths(struct side *side, enum xsock_role role_of_victim, bool with_child)
{
	for (enum place place = 0; place < PLACES; place++) {
		struct plan plan = { place, role_of_victim, with_child };
		char number[8];

		snprintf(number, sizeof number, "%d", (int)place);
		(side->letter == 'a' ? survive_one : kill_one)(side, plan, number);
	}
	if (side->letter == 'b')
		clear_away(side);
}

void death_of_granter(struct side *side)
{
	deaths(side, XSOCK_ROLE_GRANT, false);
}

void death_of_mapper(struct side *side)
{
	deaths(side, XSOCK_ROLE_MAP, false);
}

void death_of_parent_granter(struct side *side)
{
	deaths(side, XSOCK_ROLE_GRANT, true);
}

void death_of_parent_mapper(struct side *side)
{
	deaths(side, XSOCK_ROLE_MAP, true);
}

/* -- during set-up ---------------------------------------------------------------------------- */

struct request {
	enum xsock_role role;
	int ready; /* to be written to once the request stands */
};

static void request_only(struct side *side, void *argument)
{
	const struct request *request = argument;
	struct xsock_options options = { .role = request->role, .flags = XSOCK_NONBLOCK };

	CHECK(must_connect(side, &options));
	CHECK_RESULT(write(request->ready, "r", 1), 1);
	process_sleep();
}

static void leave_request(struct side *side, enum xsock_role role)
{
	struct request request = { .role = role };
	int pipes[2];
	char byte;
	pid_t victim;

	CHECK_RESULT(pipe(pipes), 0);
	request.ready = pipes[1];
	victim = process_start(side, request_only, &request);
	CHECK_RESULT(read(pipes[0], &byte, 1), 1);
	process_kill(victim);
	close(pipes[0]);
	close(pipes[1]);
}

static void accept_the_living(struct xsock *listener)
{
	struct xsock *socket;
	char word[6] = "";

	for (;;) {
		socket = xsock_accept(listener, WAIT_LIMIT);
		if (!socket) {
			CHECK(errno == ECONNABORTED);
			continue;
		}
		if (xsock_recv(socket, word, sizeof word, MSG_WAITALL) == sizeof word)
			break;
		CHECK_RESULT(errno, ECONNRESET);
		CHECK_RESULT(xsock_close(socket), 0);
	}
	CHECK(!memcmp(word, "alive", sizeof word));
	CHECK_RESULT(xsock_send(socket, word, sizeof word, 0), sizeof word);
	CHECK_RESULT(xsock_close(socket), 0);
}

static void during_set_up(struct side *side, enum xsock_role role, const char *word)
{
	struct xsock_options options = { .role = role };
	struct xsock *listener, *socket;
	char text[6];

	if (side->letter == 'a') {
		options.role = role == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
		listener = open_listener(side, &options);
		meet(side, word);
		accept_the_living(listener);
		CHECK_RESULT(xsock_close(listener), 0);
		return;
	}
	await_listener(side);
	for (int count = 0; count < 5; count++)
		leave_request(side, role);
	meet(side, word);
	socket = must_connect(side, &options);
	CHECK_RESULT(xsock_send(socket, "alive", 6, 0), 6);
	CHECK_RESULT(xsock_recv(socket, text, 6, MSG_WAITALL), 6);
	CHECK_RESULT(xsock_close(socket), 0);
	clear_away(side);
}

void death_during_set_up(struct side *side)
{
	during_set_up(side, XSOCK_ROLE_MAP, "dead-mappers");
	during_set_up(side, XSOCK_ROLE_GRANT, "dead-granters");
}
