/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "survivor.h"

#include "conn/address.h"
#include "contract/side.h"
#include "integration/stream.h"
#include "judge.h"
#include "support/leaks.h"
#include "victim.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FORGOTTEN 8000 /* ms, until a listener has forgotten a dead connector */

struct state {
	const struct survivor *survivor;
	struct xsock_options options;
	struct xsock *listener; /* of its own domain: also where it connects, to stay in it */
	uint64_t random;
	struct leaks before, open;
	size_t heap;
	FILE *nowhere;
};

/* ------------------------------------------------------------------ one victim */

static void live(struct state *state, struct xsock *socket)
{
	const struct plan *plan = state->survivor->plan;
	struct life life = { .plan = plan,
			     .socket = socket,
			     .random = &state->random,
			     .out = { .open = plan_sends(plan, false) },
			     .in = { .open = plan_receives(plan, false) },
			     .enough = UINT64_MAX };

	life.out.tag = stream_random(&state->random, UINT64_MAX);
	life.out.length = STREAM_HEADER + stream_random(&state->random, plan->longest);
	if (plan->early && plan->flow == FLOW_FROM_VICTIM)
		life.enough = stream_random(&state->random, plan->longest);
	life_live(&life);
	judge_life(&life, state->survivor->account);
	judge_bytes(&life, state->survivor->account);
	CHECK(xsock_close(socket) == 0);
}

static bool is_over(const struct state *state, int limit)
{
	struct pollfd order = { .fd = state->survivor->orders, .events = POLLIN };

	return poll(&order, 1, limit) > 0;
}

static void wait_for_connection(const struct state *state)
{
	struct pollfd entries[2] = {
		{ .fd = state->survivor->orders, .events = POLLIN },
		{ .fd = xsock_fd(state->listener), .events = POLLIN },
	};

	CHECK(poll(entries, 2, WAIT_LIMIT) > 0);
}

/* Whatever is there to be accepted. */
static void accept_some(struct state *state)
{
	struct xsock *socket;

	while ((socket = xsock_accept(state->listener, 0)) || errno == ECONNABORTED) {
		state->survivor->account->turned += !socket;
		if (socket)
			live(state, socket);
	}
	CHECK_RESULT(-errno, -EAGAIN);
}

static void accept_all(struct state *state)
{
	while (!is_over(state, 0)) {
		wait_for_connection(state);
		accept_some(state);
	}
	accept_some(state);
}

static void connect_one(struct state *state)
{
	int64_t began = now_us();
	struct xsock *socket;
	char address[32];

	snprintf(address, sizeof address, "%u/" CRASH_SERVICE, state->survivor->peer);
	socket = xsock_connect(address, &state->options);
	if (socket) {
		live(state, socket);
		return;
	}
	judge_refusal(errno, began, state->survivor->connect_limit, state->survivor->account);
}

static void outlive_one(struct state *state)
{
	if (state->survivor->plan->victim_listens)
		while (!is_over(state, 1))
			connect_one(state);
	else
		accept_all(state);
}

/* ------------------------------------------------------------------ nothing left */

/* What the library needs once, however often it is used, is there when the counting begins. */
static void warm_up(void)
{
	struct xsock *listener = xsock_listen("warm-up", NULL);

	CHECK(listener);
	CHECK(xsock_close(listener) == 0);
}

static void begin_counting(struct state *state)
{
	const struct plan *plan = state->survivor->plan;

	warm_up();
	state->nowhere = fopen("/dev/null", "we");
	CHECK(state->nowhere && setvbuf(state->nowhere, NULL, _IONBF, 0) == 0);
	leaks_take(&state->before);
	state->heap = mallinfo2().uordblks;
	state->listener =
		xsock_listen(plan->victim_listens ? "stays" : CRASH_SERVICE, &state->options);
	CHECK(state->listener);
	CHECK(xsock_fd(state->listener) >= 0);
	leaks_take(&state->open);
}

/* Requests of dead connectors at the survivor's listener. */
static bool has_requests(void)
{
	struct platform *platform;
	struct store *store;
	char path[STORE_PATH_MAX], *names = NULL;
	bool some = false;

	CHECK_RESULT(platform_get(NULL, &platform), 0);
	CHECK_RESULT(platform->ops->store_open(platform, &store), 0);
	path_requests(path, platform->self, CRASH_SERVICE, true, 0);
	if (platform->ops->store_list(store, path, &names) == 0)
		some = *names != '\0';
	free(names);
	platform->ops->store_close(store);
	platform_put(platform);
	return some;
}

static void await_forgetting(const struct state *state)
{
	struct xsock_pollfd entry = { .socket = state->listener, .events = POLLIN };
	int64_t end = now_us() + FORGOTTEN * 1000;

	while ((has_requests() || !leaks_none(&state->open, state->nowhere)) && now_us() < end)
		CHECK(xsock_poll(&entry, 1, 20) == 0);
}

static void end_counting(struct state *state)
{
	if (state->survivor->patient) {
		await_forgetting(state);
		CHECK(!has_requests());
		CHECK(leaks_none(&state->open, stdout));
	}
	CHECK(xsock_close(state->listener) == 0);
	CHECK(leaks_none(&state->before, stdout));
	leaks_free(&state->open);
	if (!state->survivor->account->elsewhere)
		CHECK_RESULT((long)mallinfo2().uordblks, (long)state->heap);
	leaks_free(&state->before);
}

static void report(const struct account *account)
{
	fprintf(stderr, "survived %llu whole, %llu reset, %llu turned away, %llu bytes\n",
		(unsigned long long)account->whole, (unsigned long long)account->reset,
		(unsigned long long)account->turned, (unsigned long long)account->bytes);
}

void survivor_run(const struct survivor *survivor)
{
	struct state state = { .survivor = survivor,
			       .options = plan_options(survivor->plan, false),
			       .random = survivor->seed };
	char order;

	state.options.connect_timeout = survivor->connect_limit;
	begin_counting(&state);
	CHECK(write(survivor->reports, "b", 1) == 1);
	for (outlive_one(&state); read(survivor->orders, &order, 1) == 1 && order != 'e';
	     outlive_one(&state))
		CHECK(write(survivor->reports, "d", 1) == 1);
	end_counting(&state);
	if (survivor->account->elsewhere)
		report(survivor->account);
	exit(0);
}
