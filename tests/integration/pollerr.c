/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* POLLERR that was asked for: sends fail for good, as at the writing end of a pipe without reader.
 * A's descriptor shows that and nothing else. */
#include "scenarios.h"

#include "call.h"
#include "pair.h"
#include "process.h"
#include "stream.h"

#include <errno.h>
#include <unistd.h>

#define RING ((size_t)4096)

static const struct xsock_options small = { .send_ring = RING, .recv_ring = RING };

/* By itself: xsock_fd would do the work that makes it quiet. */
static bool shows(int fd, int timeout)
{
	struct pollfd entry = { .fd = fd, .events = POLLIN };

	return poll(&entry, 1, timeout) > 0;
}

/* Watches for POLLERR alone; what set-up and earlier waits left behind is taken. */
static int watch_for_error(struct side *side, struct xsock *socket)
{
	int fd;

	CHECK_RESULT(xsock_set_events(socket, POLLERR), 0);
	fd = xsock_fd(socket);
	CHECK(fd >= 0);
	/* The other side's part is over. */
	meet(side, "settled");
	CHECK_RESULT(ready_now(socket, POLLERR), 0);
	CHECK(!shows(fd, 0));
	meet(side, "watched");
	return fd;
}

static void expect_error(struct xsock *socket, int fd)
{
	CHECK(shows(fd, WAIT_LIMIT));
	for (int again = 0; again < 3; again++) {
		CHECK(ready_now(socket, POLLERR) & POLLERR);
		CHECK(shows(fd, 0));
	}
	CHECK(xsock_send(socket, "x", 1, 0) == -1 && (errno == EPIPE || errno == ECONNRESET));
	CHECK(shows(fd, 0));
	/* Nothing set: nothing shown, once the work that an end makes is done. */
	CHECK_RESULT(xsock_set_events(socket, 0), 0);
	AWAIT((ready_now(socket, 0), !shows(fd, 0)));
	CHECK_RESULT(xsock_set_events(socket, POLLERR), 0);
	CHECK(shows(fd, 0));
}

/* -- quiet ------------------------------------------------------------------------------------ */

static void stay_quiet(struct side *side, struct xsock *socket)
{
	int fd = watch_for_error(side, socket);

	/* Bytes come. */
	meet(side, "written");
	CHECK(!shows(fd, 0));
	stream_receive(socket, 1, 0, RING);
	CHECK(!shows(fd, 0));
	/* Bytes go, the ring fills and gets empty again. */
	stream_send(socket, 2, 0, RING);
	meet(side, "full");
	meet(side, "empty");
	CHECK(!shows(fd, 0));
	meet(side, "looked");
	/* An end of the bytes that come is none of those that go; nor is one's own. */
	meet(side, "half");
	CHECK_RESULT(ready_now(socket, POLLERR), 0);
	CHECK(!shows(fd, 0));
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	CHECK_RESULT(ready_now(socket, POLLERR), POLLHUP);
	CHECK(!shows(fd, 0));
	meet(side, "end");
	/* Both ends' bytes are over, but not until here has the peer stopped reading. */
	expect_error(socket, fd);
}

static void make_noise(struct side *side, struct xsock *socket)
{
	meet(side, "settled");
	meet(side, "watched");
	stream_send(socket, 1, 0, RING);
	meet(side, "written");
	meet(side, "full");
	stream_receive(socket, 2, 0, RING);
	meet(side, "empty");
	meet(side, "looked");
	CHECK_RESULT(xsock_shutdown(socket, SHUT_WR), 0);
	meet(side, "half");
	meet(side, "end");
}

void pollerr_is_quiet(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	meet_over(socket);
	(side->letter == 'a' ? stay_quiet : make_noise)(side, socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- the peer reads no more ------------------------------------------------------------------- */

static void learn_of_shutdown(struct side *side, struct xsock *socket)
{
	int fd = watch_for_error(side, socket);
	struct call call = { .socket = socket, .run = call_poll, .flags = POLLERR };

	meet(side, "shut");
	expect_error(socket, fd);
	/* What was not asked for is not told. */
	CHECK_RESULT(ready_now(socket, 0), 0);
	CHECK_RESULT(ready_now(socket, POLLERR), POLLERR);
	CHECK_RESULT(ready_now(socket, POLLERR | POLLOUT), POLLERR | POLLOUT);
	call_start(&call);
	CHECK_RESULT(call_end(&call), POLLERR);
	meet(side, "on");
	stream_receive(socket, 1, 0, 3 * RING);
}

void pollerr_after_shutdown(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);

	meet_over(socket);
	if (side->letter == 'a') {
		learn_of_shutdown(side, socket);
	} else {
		meet(side, "settled");
		meet(side, "watched");
		CHECK_RESULT(xsock_shutdown(socket, SHUT_RD), 0);
		meet(side, "shut");
		meet(side, "on");
		stream_send(socket, 1, 0, 3 * RING);
	}
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
}

/* Nobody waits in the ring, only in poll. */
void pollerr_wakes(struct side *side)
{
	struct xsock *socket = open_pair(side, &small);
	struct call call = { .socket = socket, .run = call_poll, .flags = POLLERR };

	meet_over(socket);
	if (side->letter == 'a') {
		call_start(&call);
		meet(side, "polling");
		CHECK(call_end(&call) & POLLERR);
	} else {
		meet(side, "polling");
	}
	CHECK_RESULT(xsock_close(socket), 0);
}

/* -- the peer dies ---------------------------------------------------------------------------- */

static void be_victim(struct side *side, void *argument)
{
	struct xsock *socket = must_connect(side, argument);

	meet_over(socket);
	process_sleep();
}

static void one_death(struct side *side, enum xsock_role role_of_victim)
{
	struct xsock_options options = { .role = role_of_victim };
	struct xsock *listener, *socket;
	char value[8];
	pid_t victim;
	int fd;

	if (side->letter == 'b') {
		await_listener(side);
		victim = process_start(side, be_victim, &options);
		hear(side, "connected", value, sizeof value);
		meet(side, "settled");
		meet(side, "watched");
		process_kill(victim);
		meet(side, "learned");
		clear_away(side);
		return;
	}
	options.role = role_of_victim == XSOCK_ROLE_MAP ? XSOCK_ROLE_GRANT : XSOCK_ROLE_MAP;
	listener = open_listener(side, &options);
	socket = must_accept(listener);
	meet_over(socket);
	say(side, "connected", "%s", "yes");
	fd = watch_for_error(side, socket);
	expect_error(socket, fd);
	meet(side, "learned");
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
}

void pollerr_after_death_of_granter(struct side *side)
{
	one_death(side, XSOCK_ROLE_GRANT);
}

void pollerr_after_death_of_mapper(struct side *side)
{
	one_death(side, XSOCK_ROLE_MAP);
}

/* -- an end that only receives ---------------------------------------------------------------- */

void pollerr_one_way(struct side *side)
{
	struct xsock_options options = { .direction = side->letter == 'a' ? XSOCK_DIR_RECV
									  : XSOCK_DIR_SEND };
	struct xsock *socket = open_pair(side, &options);

	if (side->letter == 'a') {
		CHECK_RESULT(stream_receive_all(socket, 1), 100);
		CHECK_RESULT(await_ready(socket, POLLERR), POLLHUP);
		meet(side, "closed");
		CHECK_RESULT(ready_now(socket, POLLERR), POLLHUP);
	} else {
		CHECK_RESULT(ready_now(socket, POLLERR), 0);
		stream_send(socket, 1, 0, 100);
	}
	CHECK_RESULT(xsock_close(socket), 0);
	if (side->letter == 'b')
		meet(side, "closed");
}
