/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/growth.h"

#include "base/barrier.h"
#include "base/error.h"
#include "base/shared.h"
#include "conn/connection.h"
#include "conn/exchange.h"

/* A writer that stalls so often in a row wishes a ring so many times as large. A stall is one of a
 * row when it comes soon after the last one, and the reader went on in between. */
#define STALLS 4
#define FACTOR 4
#define STALLS_WITHIN 100 /* ms */

#define WISH_AGAIN 1000 /* ms, after a refusal */
#define IDLE 2000       /* ms between two looks that saw no byte go by */

static uint32_t pages_for(uint64_t bytes)
{
	uint64_t size = PAGE_BYTES;

	while (size < bytes)
		size *= 2;
	return (uint32_t)(size / PAGE_BYTES);
}

/* ------------------------------------------------------------------ life */

static void open_one(struct connection *connection, bool sending)
{
	const struct terms *terms = &connection->terms;
	/* Of an open direction all pages are in `send`, whichever it will be. */
	bool out = sending || terms->direction == DIRECTION_ONE_WAY;
	struct growth *growth = &connection->growth[sending];

	*growth = (struct growth){
		.sending = sending,
		.way = sending == terms->grants ? GRANTER_TO_MAPPER : MAPPER_TO_GRANTER,
		.first = out ? terms->send_start : terms->recv_start,
		.largest = out ? terms->send : terms->recv,
	};
	growth->grows = growth->first < growth->largest;
}

void growth_open(struct connection *connection)
{
	open_one(connection, true);
	open_one(connection, false);
	connection->in.largest = connection->growth[false].largest;
}

void growth_close(struct connection *connection, bool wipe)
{
	exchange_close(connection, &connection->growth[true], wipe);
	exchange_close(connection, &connection->growth[false], wipe);
}

void growth_catch_up(struct connection *connection, bool sending)
{
	struct failure failure;
	struct growth *growth = &connection->growth[sending];
	pthread_mutex_t *half = connection_half(connection, sending);

	while (growth_is_due(growth) && pthread_mutex_trylock(half) == 0) {
		/* An exchange, as a store may be seen after the step has looked: then it undid what
		 * another thread had said was due meanwhile. */
		(void)__atomic_exchange_n(&growth->due, false, __ATOMIC_SEQ_CST);
		/* Not held: the sentence of what ends the connection is wanted. */
		failure_save(&failure);
		growth_step(connection, sending);
		failure_restore(&failure);
		pthread_mutex_unlock(half);
		barrier_after_unlock();
	}
}

static void attend_one(struct connection *connection, bool sending)
{
	if (!connection->growth[sending].grows)
		return;
	/* It is due, then the lock is tried; it is let go, then looked what is due: so what one
	 * finds locked the other one does. Release: who takes it back sees what came. */
	__atomic_store_n(&connection->growth[sending].due, true, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	growth_catch_up(connection, sending);
}

void growth_attend(struct connection *connection)
{
	attend_one(connection, true);
	attend_one(connection, false);
}

/* ------------------------------------------------------------------ needs */

/* A reader cannot wish: it asks the writer to. */
static void ask(struct connection *connection, struct growth *growth, uint32_t pages)
{
	if (growth->sending || control_ring_pages(growth->ask) == pages)
		return;
	growth->ask = control_ring(control_ring_generation(growth->ask) + 1, pages);
	shared_store64(&exchange_own_words(connection)->ask, growth->ask);
	if (pages != 0)
		connection_notify(connection);
}

static uint64_t size_now(const struct connection *connection, const struct growth *growth)
{
	return (uint64_t)connection->pages.ring_pages[growth->way] * PAGE_BYTES;
}

static bool lacks(const struct connection *connection, const struct growth *growth)
{
	return (uint64_t)growth->need * PAGE_BYTES > size_now(connection, growth);
}

/* Those handed out before would hold up the change that is waited for, or may have to be. */
static void end_spans(struct connection *connection, bool sending)
{
	if (sending)
		connection->reserved = 0;
	else
		connection->peeked = 0;
}

static void retry_later(struct growth *growth)
{
	__atomic_store_n(&growth->retry, growth->wish_again.at, __ATOMIC_RELEASE);
}

void growth_need(struct connection *connection, bool sending, size_t bytes)
{
	struct growth *growth = &connection->growth[sending];
	uint64_t twice = 2 * (uint64_t)bytes;
	bool first = growth->needing++ == 0;
	uint32_t pages;

	if (!growth->grows)
		return;
	if (sending && growth->ready) {
		end_spans(connection, sending);
		growth_step(connection, sending);
	}
	if (twice <= growth->first)
		return;
	/* Two ends that wait for half a ring each, one to be full, one to be free, do not wait for
	 * each other. */
	pages = pages_for(twice < growth->largest ? twice : growth->largest);
	if (growth->need < pages)
		growth->need = pages;
	end_spans(connection, sending);
	if (!lacks(connection, growth))
		return;
	if (bytes <= size_now(connection, growth) && !deadline_passed(growth->wish_again)) {
		retry_later(growth);
		return;
	}
	/* Another call may not have seen yet that its need was refused. */
	if (first)
		__atomic_store_n(&growth->hopeless, false, __ATOMIC_RELEASE);
	ask(connection, growth, growth->need);
	growth_step(connection, sending);
}

void growth_needs_no_more(struct connection *connection, bool sending)
{
	struct growth *growth = &connection->growth[sending];

	if (--growth->needing > 0)
		return;
	growth->need = growth->denied = 0;
	ask(connection, growth, 0);
}

/* Two ends that both send before they read would wait for each other for good. */
static void retry_in_time(const struct connection *connection, struct growth *growth)
{
	if (connection->out.size < RING_BYTES_DEFAULT)
		retry_later(growth);
}

struct deadline growth_next_work(const struct growth *growth)
{
	int64_t at = __atomic_load_n(&growth->retry, __ATOMIC_ACQUIRE);

	return (struct deadline){ .never = at == 0, .at = at };
}

void growth_refused(struct connection *connection, struct growth *growth)
{
	growth->refusals++;
	growth->wish_again = deadline_in(WISH_AGAIN);
	if (growth->sending && growth->stalls >= STALLS)
		retry_in_time(connection, growth);
	if (growth->need == 0)
		return;
	/* Who wants more than the ring has is told; who does not waits on, for what there may be
	 * memory later. */
	growth->denied = growth->need;
	retry_later(growth);
	growth->need = 0;
	ask(connection, growth, 0);
	__atomic_store_n(&growth->hopeless, true, __ATOMIC_RELEASE);
	endpoint_alarm(&connection->endpoint);
}

void growth_changed(struct connection *connection, struct growth *growth)
{
	growth->stalls = 0;
	ask(connection, growth, lacks(connection, growth) ? growth->need : 0);
}

/* ------------------------------------------------------------------ wishes */

/* Nothing went by since the last look, and that was a while ago. */
static bool is_idle(struct connection *connection, struct growth *growth)
{
	uint64_t written = connection->out.written;

	if (connection->out.size <= growth->first)
		return false;
	if (growth->seen != written) {
		growth->seen = written;
		growth->idle = deadline_in(IDLE);
		return false;
	}
	return deadline_passed(growth->idle) && deadline_passed(growth->wish_again) &&
	       producer_fits(&connection->out, growth->first);
}

/* For what a call here, or the peer, needs at once; of what was refused the peer has to ask anew.
 */
static int wish_for_needs(struct connection *connection, struct growth *growth)
{
	uint64_t ask = shared_load64(&exchange_peer_words(connection)->ask);
	uint32_t asked = control_ring_pages(ask), pages = growth->need;

	if (asked != 0 && !exchange_pages_valid(growth, asked))
		return fail(EPROTO, "the peer asks for a ring of %u pages", asked);
	if (ask != growth->ask && asked > pages)
		pages = asked;
	growth->ask = ask;
	if (pages * (uint64_t)PAGE_BYTES > connection->out.size)
		exchange_wish(connection, growth, pages);
	else if (growth->need == 0 && asked == 0 && is_idle(connection, growth))
		exchange_wish(connection, growth, pages_for(growth->first));
	return 0;
}

static void wish_for_more(struct connection *connection, struct growth *growth)
{
	uint64_t size = connection->out.size * FACTOR;

	exchange_wish(connection, growth,
		      pages_for(size < growth->largest ? size : growth->largest));
}

/* After a refusal. */
static bool retry_is_due(struct growth *growth)
{
	const struct deadline due = growth_next_work(growth);

	if (due.never || !deadline_passed(due))
		return false;
	__atomic_store_n(&growth->retry, 0, __ATOMIC_RELEASE);
	return true;
}

/* Of calls that wait still. */
static void renew_need(struct connection *connection, struct growth *growth)
{
	if (growth->needing > 0 && growth->need < growth->denied)
		growth->need = growth->denied;
	growth->denied = 0;
	if (lacks(connection, growth))
		ask(connection, growth, growth->need);
}

/* Of a writer that stands where it stood. */
static void retry(struct connection *connection, struct growth *growth)
{
	if (exchange_idle(connection, growth) && growth->stalls >= STALLS &&
	    producer_free(&connection->out) < connection->out.size / 2)
		wish_for_more(connection, growth);
}

void growth_step(struct connection *connection, bool sending)
{
	struct growth *growth = &connection->growth[sending];
	bool stopped = connection_stopped(connection, sending), again;
	int error = 0;

	if (!growth->grows || connection_check(connection) != 0)
		return;
	if (!sending)
		connection->in.turn.news = false;
	again = !stopped && retry_is_due(growth);
	if (again)
		renew_need(connection, growth);
	error = exchange_step(connection, growth);
	if (error == 0 && sending && exchange_idle(connection, growth) && !stopped)
		error = wish_for_needs(connection, growth);
	if (error == 0 && sending && again)
		retry(connection, growth);
	if (error != 0)
		connection_break(connection, error);
}

int growth_failure(size_t need, uint64_t size)
{
	return fail(EMSGSIZE, "%zu bytes are more than the ring of %llu, which cannot grow", need,
		    (unsigned long long)size);
}

static void count_stall(struct growth *growth, uint64_t consumed)
{
	if (consumed == growth->stalled_at)
		return;
	growth->stalls = deadline_passed(growth->stall_counts) ? 1 : growth->stalls + 1;
	growth->stall_counts = deadline_in(STALLS_WITHIN);
	growth->stalled_at = consumed;
}

void growth_stalled(struct connection *connection)
{
	struct growth *growth = &connection->growth[true];

	connection->stalls++;
	if (!growth->grows || connection->out.size == growth->largest)
		return;
	count_stall(growth, connection->out.consumed);
	/* Two ends that both send before they read can do so up to the default, read or not. */
	if (connection->out.size < RING_BYTES_DEFAULT)
		growth->stalls = STALLS;
	if (growth->stalls < STALLS)
		return;
	/* The peer may have answered while this end was too busy to hear it. */
	growth_step(connection, true);
	if (growth->stalls < STALLS || !exchange_idle(connection, growth))
		return;
	if (deadline_passed(growth->wish_again))
		wish_for_more(connection, growth);
	else
		retry_in_time(connection, growth);
}
