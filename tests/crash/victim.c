/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "victim.h"

#include "contract/side.h"
#include "integration/stream.h"
#include "life.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static void begin_stream(struct life *life)
{
	life->out.tag = stream_random(life->random, UINT64_MAX);
	life->out.length = STREAM_HEADER + stream_random(life->random, life->plan->longest);
	atomic_store(&life->account->tag, life->out.tag);
}

/* Before the next connection comes to be: of the last one nobody asks any more. */
static void forget_stream(struct account *account)
{
	atomic_store(&account->phase, PHASE_OPENING);
	atomic_store(&account->begun, 0);
	atomic_store(&account->done, 0);
}

/* The survivor closes first only where the plan has it so. */
static bool is_well(const struct life *life)
{
	return life->in_error == 0 &&
	       (life->out_error == 0 || (life->out_error == EPIPE && life->plan->early));
}

static void live(const struct plan *plan, struct xsock *socket, uint64_t *random,
		 struct account *account)
{
	struct life life = { .plan = plan,
			     .victim = true,
			     .socket = socket,
			     .account = account,
			     .random = random,
			     .out = { .open = plan_sends(plan, true) },
			     .in = { .open = plan_receives(plan, true) },
			     .enough = UINT64_MAX };

	CHECK(socket);
	begin_stream(&life);
	if (plan->early)
		life.enough = stream_random(random, plan->longest);
	account->phase = PHASE_MOVING;
	life_live(&life);
	CHECK(is_well(&life));
	account->phase = PHASE_CLOSING;
	CHECK(xsock_close(socket) == 0);
}

void victim_run(const struct plan *plan, unsigned peer, uint64_t seed, unsigned lives,
		struct account *account)
{
	struct xsock_options options = plan_options(plan, true);
	struct xsock *listener = NULL, *socket;
	char address[32];

	snprintf(address, sizeof address, "%u/" CRASH_SERVICE, peer);
	account->phase = PHASE_OPENING;
	if (plan->victim_listens) {
		listener = xsock_listen(CRASH_SERVICE, &options);
		CHECK(listener);
	}
	for (unsigned life = 0; life < lives; life++) {
		forget_stream(account);
		if (listener)
			socket = xsock_accept(listener, WAIT_LIMIT);
		else
			socket = xsock_connect(address, &options);
		live(plan, socket, &seed, account);
	}
	xsock_close(listener);
	/* Without what exit does: a tracer would take part in it. */
	_exit(0);
}
