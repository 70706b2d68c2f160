/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn/exchange.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/shared.h"
#include "conn/connection.h"

/* Rings that a granter offers, and a mapper maps, of one direction: a peer that wishes without end
 * costs no more. */
#define EXCHANGES_MOST 16
#define EXCHANGES_PERIOD 1000 /* ms */

static_assert(RING_BYTES_MAX / PAGE_BYTES <= OFFER_REFERENCES * INDEX_REFERENCES,
	      "an offer has room for the largest ring");

struct control_growth *exchange_own_words(const struct connection *connection)
{
	struct control_page *control = connection->pages.control;

	return connection->terms.grants ? &control->granter_growth : &control->mapper_growth;
}

const struct control_growth *exchange_peer_words(const struct connection *connection)
{
	const struct control_page *control = connection->pages.control;

	return connection->terms.grants ? &control->mapper_growth : &control->granter_growth;
}

bool exchange_pages_valid(const struct growth *growth, uint32_t pages)
{
	return pages > 0 && pages <= growth->largest / PAGE_BYTES && (pages & (pages - 1)) == 0;
}

static int lie(const struct growth *growth, const char *what, uint32_t generation)
{
	return fail(EPROTO, "the peer's %s of ring %u does not follow on ring %u", what, generation,
		    growth->generation);
}

static bool within_rate(struct growth *growth)
{
	if (deadline_passed(growth->period)) {
		growth->period = deadline_in(EXCHANGES_PERIOD);
		growth->exchanges = 0;
	}
	return growth->exchanges++ < EXCHANGES_MOST;
}

/* ------------------------------------------------------------------ pages */

static void give_back(struct connection *connection, struct ring_pages *ring, bool wipe)
{
	if (ring->address == NULL)
		return;
	pages_give_back(&connection->pages, ring->address, ring->count, wipe);
	peer_unclaim(&connection->peer, ring->count);
	*ring = (struct ring_pages){ 0 };
}

/* The next ring takes the place of the one in use, which is the old one from now on; or, when that
 * is kept, it is the old one itself. */
static void change_rings(struct connection *connection, struct growth *growth, bool kept)
{
	struct pages *pages = &connection->pages;
	struct ring_pages *ring = &growth->next;
	int way = growth->way;

	growth->old = *ring;
	if (!kept) {
		growth->old = (struct ring_pages){ pages->ring[way], pages->ring_pages[way] };
		pages->ring[way] = ring->address;
		pages->ring_pages[way] = ring->count;
		growth->changes++;
	} else if (!growth->sending) {
		/* Spans lie in the ring that is still the one in use. */
		connection->peeked_ring = growth->generation;
	}
	*ring = (struct ring_pages){ 0 };
	growth->ready = false;
	references_hide(connection->platform, &growth->index);
	growth_changed(connection, growth);
}

static int turn(struct connection *connection, struct growth *growth)
{
	struct producer *out = &connection->out;
	uint64_t size = (uint64_t)growth->next.count * PAGE_BYTES;
	bool kept;

	/* A reservation points into the ring; what was withdrawn, or ended, stays where it is. */
	if (!growth->ready || connection->reserved > 0 || connection->withdrawn ||
	    connection_stopped(connection, true))
		return 0;
	if (producer_refresh(out) != 0)
		return -EPROTO;
	/* A smaller ring that came too late must not stand in the way of a larger one. */
	kept = !producer_fits(out, size) || growth->need > growth->next.count;
	if (kept)
		producer_keep(out, growth->generation);
	else
		producer_turn(out, growth->next.address, size, growth->generation);
	change_rings(connection, growth, kept);
	connection_notify(connection);
	/* Whoever waits for space has a mark of the old size. */
	endpoint_alarm(&connection->endpoint);
	return 0;
}

/* Has the writer turned? */
static int follow(struct connection *connection, struct growth *growth)
{
	if (growth->next.address == NULL)
		return 0;
	if (consumer_refresh(&connection->in) != 0)
		return -EPROTO;
	if (connection->in.turn.generation != growth->generation)
		return 0;
	/* A mapper says so before it turns, but maybe after this end last looked; and once it also
	 * unmapped and wished, the next ring will be offered, of which that would be no answer. */
	growth->mapped = growth->generation;
	change_rings(connection, growth, connection->in.turn.kept);
	return 0;
}

static int change_over(struct connection *connection, struct growth *growth)
{
	return growth->sending ? turn(connection, growth) : follow(connection, growth);
}

/* Spans that the user may still look at lie in it. */
static bool old_is_in_use(const struct connection *connection, const struct growth *growth)
{
	return !growth->sending && connection->peeked > 0 && !connection->peeks &&
	       connection->peeked_ring != connection->in.turn.generation;
}

static void refused(struct connection *connection, struct growth *growth)
{
	if (growth->sending)
		producer_ask(&connection->out, false);
	growth_refused(connection, growth);
}

/* ------------------------------------------------------------------ the granter */

static int grant_next(struct connection *connection, struct growth *growth, uint32_t count)
{
	struct platform *platform = connection->platform;
	struct control_offer *offer = &connection->pages.control->offer[growth->way];
	uint32_t *references = malloc(count * sizeof *references);
	struct ring_pages next = { .count = count };
	int error;

	if (references == NULL)
		return fail(ENOMEM, "no memory for %u grant references", count);
	error = peer_claim(&connection->peer, count);
	if (error == 0) {
		error = platform->ops->grant(platform, connection->domain, count, references,
					     &next.address);
		if (error == 0)
			error = references_show(platform, connection->domain, offer->reference,
						OFFER_REFERENCES, references, count,
						&growth->index);
		if (error == 0)
			growth->next = next;
		else if (next.address != NULL)
			give_back(connection, &next, false);
		else
			peer_unclaim(&connection->peer, count);
	}
	free(references);
	return error;
}

static void offer(struct connection *connection, struct growth *growth, uint32_t pages)
{
	growth->generation++;
	if (!within_rate(growth) || grant_next(connection, growth, pages) != 0) {
		pages = 0;
		refused(connection, growth);
	} else if (!growth->sending) {
		consumer_expect(&connection->in, growth->next.address, (uint64_t)pages * PAGE_BYTES,
				growth->generation);
	}
	/* Release: whoever sees the offer sees the references. */
	shared_store64(&connection->pages.control->offer[growth->way].ring,
		       control_ring(growth->generation, pages));
	connection_notify(connection);
}

static int take_wish(struct connection *connection, struct growth *growth)
{
	uint64_t wish = shared_load64(&exchange_peer_words(connection)->wish);
	uint32_t generation = control_ring_generation(wish), pages = control_ring_pages(wish);

	if (growth->sending || generation == growth->generation)
		return 0;
	if (generation != growth->generation + 1 || !exchange_pages_valid(growth, pages))
		return lie(growth, "wish", generation);
	/* Until the last one is over, the mapper may be ahead of what this end has seen. */
	if (growth->next.address == NULL && growth->old.address == NULL)
		offer(connection, growth, pages);
	return 0;
}

/* This end may have seen the turn in a look at the index, and read in the next ring already. */
static bool has_turned(const struct connection *connection, const struct growth *growth)
{
	return !growth->sending && connection->in.turn.generation == growth->generation;
}

static int take_answer(struct connection *connection, struct growth *growth)
{
	const struct control_growth *words = exchange_peer_words(connection);
	uint32_t mapped = shared_load32(&words->mapped[growth->way]);
	uint32_t no = shared_load32(&words->refused[growth->way]);

	if (mapped != growth->mapped) {
		if (mapped != growth->generation)
			return lie(growth, "mapping", mapped);
		growth->mapped = mapped;
		growth->ready = growth->next.address != NULL;
		references_hide(connection->platform, &growth->index);
	}
	if (no != growth->refused) {
		if (no != growth->generation || mapped == no || growth->next.address == NULL ||
		    has_turned(connection, growth))
			return lie(growth, "refusal", no);
		growth->refused = no;
		if (!growth->sending)
			consumer_expect_none(&connection->in);
		references_hide(connection->platform, &growth->index);
		give_back(connection, &growth->next, false);
		refused(connection, growth);
	}
	return 0;
}

static int ungrant_old(struct connection *connection, struct growth *growth)
{
	uint32_t unmapped = shared_load32(&exchange_peer_words(connection)->unmapped[growth->way]);

	if (unmapped != growth->unmapped && unmapped != growth->generation)
		return lie(growth, "unmapping", unmapped);
	growth->unmapped = unmapped;
	if (unmapped == growth->generation && !old_is_in_use(connection, growth))
		give_back(connection, &growth->old, true);
	return 0;
}

static int step_granter(struct connection *connection, struct growth *growth)
{
	int error = take_answer(connection, growth);

	if (error == 0)
		error = change_over(connection, growth);
	if (error == 0)
		error = ungrant_old(connection, growth);
	return error != 0 ? error : take_wish(connection, growth);
}

/* ------------------------------------------------------------------ the mapper */

static int map_pages(struct connection *connection, struct growth *growth, uint32_t count,
		     uint32_t *references)
{
	struct platform *platform = connection->platform;
	const struct control_offer *offer = &connection->pages.control->offer[growth->way];
	void *address;
	int error = references_copy(platform, connection->domain, offer->reference,
				    OFFER_REFERENCES, references, count);

	if (error == 0)
		error = platform->ops->map(platform, connection->domain, references, count,
					   growth->sending, &address);
	if (error == 0)
		growth->next = (struct ring_pages){ address, count };
	return error;
}

static int map_next(struct connection *connection, struct growth *growth, uint32_t count)
{
	uint32_t *references;
	int error;

	if (!within_rate(growth))
		return fail(EDQUOT, "domain %u offers too many rings", connection->domain);
	error = peer_claim(&connection->peer, count);
	if (error != 0)
		return error;
	references = malloc(count * sizeof *references);
	if (references == NULL)
		error = fail(ENOMEM, "no memory for %u grant references", count);
	else
		error = map_pages(connection, growth, count, references);
	free(references);
	if (error != 0)
		peer_unclaim(&connection->peer, count);
	return error;
}

static void answer(struct connection *connection, struct growth *growth, uint32_t pages)
{
	struct control_growth *words = exchange_own_words(connection);

	if (map_next(connection, growth, pages) != 0) {
		shared_store32(&words->refused[growth->way], growth->generation);
		refused(connection, growth);
	} else {
		growth->ready = true;
		if (!growth->sending)
			consumer_expect(&connection->in, growth->next.address,
					(uint64_t)pages * PAGE_BYTES, growth->generation);
		shared_store32(&words->mapped[growth->way], growth->generation);
	}
	connection_notify(connection);
}

static int take_offer(struct connection *connection, struct growth *growth)
{
	uint64_t ring = shared_load64(&connection->pages.control->offer[growth->way].ring);
	uint32_t generation = control_ring_generation(ring), pages = control_ring_pages(ring);

	if (generation == growth->generation)
		return 0;
	/* One at a time. A writer gets what it wished for; a reader may have missed refusals. */
	if (growth->next.address != NULL || growth->old.address != NULL ||
	    (pages != 0 && !exchange_pages_valid(growth, pages)) ||
	    (growth->sending && (generation != control_ring_generation(growth->wish) ||
				 (pages != 0 && pages != control_ring_pages(growth->wish)))))
		return lie(growth, "offer", generation);
	growth->generation = generation;
	if (pages == 0)
		refused(connection, growth);
	else
		answer(connection, growth, pages);
	return 0;
}

static void unmap_old(struct connection *connection, struct growth *growth)
{
	if (growth->old.address == NULL || old_is_in_use(connection, growth))
		return;
	give_back(connection, &growth->old, false);
	shared_store32(&exchange_own_words(connection)->unmapped[growth->way], growth->generation);
	connection_notify(connection);
}

static int step_mapper(struct connection *connection, struct growth *growth)
{
	int error = change_over(connection, growth);

	if (error == 0) {
		unmap_old(connection, growth);
		error = take_offer(connection, growth);
	}
	/* What was just mapped may be turned to at once. */
	if (error == 0)
		error = change_over(connection, growth);
	if (error == 0)
		unmap_old(connection, growth);
	return error;
}

/* ------------------------------------------------------------------ both */

bool exchange_idle(const struct connection *connection, const struct growth *growth)
{
	if (!connection->terms.grants &&
	    control_ring_generation(growth->wish) != growth->generation)
		return false;
	return growth->next.address == NULL && growth->old.address == NULL;
}

void exchange_wish(struct connection *connection, struct growth *growth, uint32_t pages)
{
	producer_ask(&connection->out, true);
	if (connection->terms.grants) {
		offer(connection, growth, pages);
		return;
	}
	growth->wish = control_ring(growth->generation + 1, pages);
	shared_store64(&exchange_own_words(connection)->wish, growth->wish);
	connection_notify(connection);
}

int exchange_step(struct connection *connection, struct growth *growth)
{
	return connection->terms.grants ? step_granter(connection, growth)
					: step_mapper(connection, growth);
}

void exchange_close(struct connection *connection, struct growth *growth, bool wipe)
{
	references_hide(connection->platform, &growth->index);
	give_back(connection, &growth->next, wipe);
	give_back(connection, &growth->old, wipe);
}
