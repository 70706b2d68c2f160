/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Set-ups that fail, each with its errno and with a sentence that says what was wrong. */
#include "scenarios.h"

#include "pair.h"
#include "process.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NOBODY 31999 /* no domain has this number */

static struct xsock *connect_to(struct side *side, const char *address, int timeout)
{
	struct xsock_options options = with_platform(side, NULL);

	options.connect_timeout = timeout;
	return xsock_connect(address, &options);
}

static struct xsock *listen_to(struct side *side, const char *service)
{
	struct xsock_options options = with_platform(side, NULL);

	return xsock_listen(service, &options);
}

/* -- arguments -------------------------------------------------------------------------------- */

#define NAME_63 "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
static_assert(sizeof NAME_63 - 1 == XSOCK_SERVICE_MAX, "a name as long as can be");

static void check_names(struct side *side)
{
	static const char *const names[] = { "",         " ",   "a b", "a/b", "a@b",      "a.b",
					     "\xc3\xa4", "a\n", ".",   "..",  NAME_63 "-" };
	static const char *const addresses[] = { "",
						 "x",
						 "1",
						 "1/",
						 "/x",
						 "-1/x",
						 "+1/x",
						 " 1/x",
						 "1 /x",
						 "0x1/x",
						 "1//x",
						 "1/x/y",
						 "1/x ",
						 "1/x.y",
						 "99999999999/x",
						 "18446744073709551617/x",
						 "32752/x",
						 "a/x",
						 "1/" NAME_63 "-" };
	struct xsock *listener;

	for (size_t at = 0; at < sizeof names / sizeof names[0]; at++)
		FAILS_TO_OPEN(listen_to(side, names[at]), EINVAL, "");
	for (size_t at = 0; at < sizeof addresses / sizeof addresses[0]; at++)
		FAILS_TO_OPEN(connect_to(side, addresses[at], 100), EINVAL, "");
	FAILS_TO_OPEN(xsock_listen(NULL, NULL), EINVAL, "NULL");
	FAILS_TO_OPEN(xsock_connect(NULL, NULL), EINVAL, "NULL");
	listener = listen_to(side, NAME_63);
	CHECK(listener);
	CHECK(!strcmp(info_of(listener).service, NAME_63));
	CHECK_RESULT(xsock_close(listener), 0);
}

static void check_options(struct side *side)
{
	static const unsigned too_high[] = { 1, 40000 };
	static const struct {
		struct xsock_options options;
		const char *word;
	} cases[] = {
		{ { .role = (enum xsock_role)3 }, "role" },
		{ { .role = (enum xsock_role) - 1 }, "role" },
		{ { .direction = (enum xsock_direction)5 }, "direction" },
		{ { .flags = 8 }, "flags" },
		{ { .connect_timeout = -2 }, "time-out" },
		{ { .send_timeout = -2 }, "time-out" },
		{ { .recv_timeout = -2 }, "time-out" },
		{ { .allow_count = 1 }, "allow" },
		{ { .reserved = { 0, 1 } }, "reserved" },
		{ { .reserved = { 0, 0, 1 } }, "reserved" },
		{ { .send_ring = XSOCK_RING_MAX + 1 }, "ring" },
		{ { .recv_ring = SIZE_MAX }, "ring" },
		{ { .allow = too_high, .allow_count = 2 }, "40000" },
	};
	struct xsock_options options;

	for (size_t at = 0; at < sizeof cases / sizeof cases[0]; at++) {
		options = with_platform(side, &cases[at].options);
		FAILS_TO_OPEN(xsock_listen("options", &options), EINVAL, cases[at].word);
		/* The allow-list is the listener's alone. */
		if (!options.allow)
			FAILS_TO_OPEN(xsock_connect("1/x", &options), EINVAL, cases[at].word);
	}
	options = (struct xsock_options){ .platform = "nonsense" };
	FAILS_TO_OPEN(xsock_listen("options", &options), EINVAL, "nonsense");
	FAILS_TO_OPEN(xsock_connect("1/x", &options), EINVAL, "nonsense");
}

static void check_info_sizes(struct side *side)
{
	struct xsock *listener = listen_to(side, "info");
	char large[8192];
	struct xsock_info info;

	CHECK(listener);
	FAILS(xsock_get_info(listener, &info, 0), EINVAL, "");
	FAILS(xsock_get_info(listener, (struct xsock_info *)large, 4097), EINVAL, "4096");
	FAILS(xsock_get_info(listener, NULL, sizeof info), EINVAL, "");
	FAILS(xsock_get_info(NULL, &info, sizeof info), EINVAL, "NULL");
	memset(large, 'x', sizeof large);
	CHECK_RESULT(xsock_get_info(listener, (struct xsock_info *)large, 4096), 0);
	CHECK(large[sizeof info] == 0 && large[4095] == 0 && large[4096] == 'x');
	memset(large, 'x', sizeof large);
	CHECK_RESULT(xsock_get_info(listener, (struct xsock_info *)large, sizeof info.platform), 0);
	CHECK(large[sizeof info.platform] == 'x');
	CHECK_RESULT(xsock_close(listener), 0);
}

void arguments(struct side *side)
{
	check_names(side);
	check_options(side);
	check_info_sizes(side);
}

/* -- nobody there ----------------------------------------------------------------------------- */

void nobody_there(struct side *side)
{
	struct xsock *listener = listen_to(side, "somebody");
	char address[32];

	CHECK(listener);
	meet(side, "both-here");
	snprintf(address, sizeof address, "%u/nobody", side->peer);
	FAILS_TO_OPEN(connect_to(side, address, 0), ECONNREFUSED, "nobody");
	snprintf(address, sizeof address, "%u/nobody", NOBODY);
	FAILS_TO_OPEN(connect_to(side, address, 0), EHOSTUNREACH, "31999");
	if (!strcmp(side->ops->name, "xen")) {
		snprintf(address, sizeof address, "%u/self", side->self);
		FAILS_TO_OPEN(connect_to(side, address, 0), EOPNOTSUPP, "itself");
	}
	meet(side, "both-tried");
	CHECK_RESULT(xsock_close(listener), 0);
}

/* -- allow-lists ------------------------------------------------------------------------------ */

void allow_list(struct side *side)
{
	unsigned others[] = { NOBODY, NOBODY - 1 }, with_peer[] = { NOBODY, side->peer };
	const struct xsock_options lists[] = { { .allow = others, .allow_count = 2 },
					       { .allow = others, .allow_count = 0 },
					       { .allow = with_peer, .allow_count = 2 } };

	for (int at = 0; at < 3; at++) {
		struct xsock *listener = NULL, *socket = NULL;
		char word[16];

		snprintf(word, sizeof word, "tried-%d", at);
		if (side->letter == 'a')
			listener = open_listener(side, &lists[at]);
		else
			await_listener(side);
		/* Domain 0 may write everywhere, but its requests are not looked at. */
		if (at == 2)
			socket = listener ? must_accept(listener) : must_connect(side, NULL);
		else if (!listener && side->self != 0)
			FAILS_TO_OPEN(try_connect(side, NULL), EACCES, "does not let");
		if (socket)
			meet_over(socket);
		meet(side, word);
		CHECK_RESULT(xsock_close(socket), 0);
		if (listener)
			CHECK_RESULT(info_of(listener).accepted, at == 2);
		CHECK_RESULT(xsock_close(listener), 0);
	}
}

/* -- names in use ----------------------------------------------------------------------------- */

static void expect_taken(struct side *side, void *argument)
{
	FAILS_TO_OPEN(listen_to(side, argument), EADDRINUSE, argument);
}

static void hold_name(struct side *side, void *argument)
{
	int ready = *(int *)argument;

	CHECK(listen_to(side, side->scenario));
	CHECK_RESULT(write(ready, "r", 1), 1);
	process_sleep();
}

/* B's attempts while the listener is dead: nobody answers. */
static void connect_to_dead(struct side *side)
{
	struct xsock *socket;

	meet(side, "dead");
	FAILS_TO_OPEN(connect_to(side, address_of_peer(side, side->scenario), 100), ETIMEDOUT,
		      "100 ms");
	meet(side, "tried");
	await_listener(side);
	socket = must_connect(side, NULL);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

void name_taken(struct side *side)
{
	char name[] = "taken";
	struct xsock *listener, *socket;
	pid_t child;
	int pipes[2];
	char byte;

	if (side->letter == 'b') {
		connect_to_dead(side);
		return;
	}
	for (int again = 0; again < 2; again++) {
		listener = listen_to(side, name);
		CHECK(listener);
		expect_taken(side, name);
		process_end(process_start(side, expect_taken, name));
		CHECK_RESULT(xsock_close(listener), 0);
	}
	CHECK_RESULT(pipe(pipes), 0);
	child = process_start(side, hold_name, &pipes[1]);
	CHECK_RESULT(read(pipes[0], &byte, 1), 1);
	expect_taken(side, (void *)(uintptr_t)side->scenario);
	process_kill(child);
	meet(side, "dead");
	meet(side, "tried");
	listener = open_listener(side, NULL);
	socket = must_accept(listener);
	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK_RESULT(xsock_close(listener), 0);
	close(pipes[0]);
	close(pipes[1]);
}

/* -- listeners that do not answer ------------------------------------------------------------- */

static void connect_in_vain(struct side *side)
{
	struct xsock_options options = { .flags = XSOCK_NONBLOCK };
	struct xsock *socket;
	int64_t start = now_us();

	FAILS_TO_OPEN(connect_to(side, address_of_peer(side, side->scenario), 100), ETIMEDOUT,
		      "100 ms");
	CHECK(now_us() - start >= 100000 && now_us() - start < WAIT_LIMIT * 1000);
	socket = must_connect(side, &options);
	meet(side, "requested");
	CHECK(await_ready(socket, POLLOUT) & POLLOUT);
	FAILS(xsock_connect_finish(socket), ECONNREFUSED, "went away");
	FAILS(xsock_connect_finish(socket), ECONNREFUSED, "went away");
	FAILS(xsock_send(socket, "x", 1, 0), ECONNREFUSED, "went away");
	FAILS(xsock_shutdown(socket, SHUT_WR), ENOTCONN, "");
	CHECK_RESULT(xsock_close(socket), 0);
}

void no_answer(struct side *side)
{
	struct xsock *listener;

	if (side->letter == 'b') {
		await_listener(side);
		connect_in_vain(side);
		return;
	}
	listener = open_listener(side, NULL);
	meet(side, "requested");
	CHECK_RESULT(xsock_close(listener), 0);
}

/* -- sentences -------------------------------------------------------------------------------- */

/* A failure's sentence stays until the next failure. */
void last_error_survives(struct side *side)
{
	struct xsock *socket;
	char byte;

	FAILS_TO_OPEN(xsock_listen("no good", NULL), EINVAL, "no good");
	socket = open_pair(side, NULL);
	CHECK(strstr(xsock_last_error(), "no good"));
	meet_over(socket);
	CHECK(strstr(xsock_last_error(), "no good"));
	CHECK_RESULT(ready_now(socket, POLLIN), 0);
	CHECK(strstr(xsock_last_error(), "no good"));
	FAILS(xsock_recv(socket, &byte, 1, MSG_DONTWAIT), EAGAIN, "nothing came");
	meet(side, "end");
	CHECK_RESULT(xsock_close(socket), 0);
	CHECK(strstr(xsock_last_error(), "nothing came"));
}
