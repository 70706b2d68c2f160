/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests that cannot be taken, one after another: each gets the answer that says why, costs the
 * listener nothing, and leaves it to its honest clients. */
#include "by_hand.h"
#include "scenarios.h"

#include "pair.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ID "/any/00000000000000aa"
#define WISHES(role, send, recv) "role=" role " direction=0 send=" send " recv=" recv

/* Of a connector that is to grant, to a listener that maps. */
static const struct {
	const char *text;
	enum refusal answer;
} wrong[] = {
	{ "what is this", REFUSED_MALFORMED },
	{ "xsock=1", REFUSED_MALFORMED },
	{ "xsock=9 " WISHES("1", "0", "0") " nonce=1 ref=1 port=1", REFUSED_VERSION },
	{ "xsock=1 " WISHES("1", "0", "0") " nonce=0 ref=1 port=1", REFUSED_MALFORMED },
	{ "xsock=1 " WISHES("1", "6000", "0") " nonce=1 ref=1 port=1", REFUSED_MALFORMED },
	{ "xsock=1 " WISHES("1", "0", "6000") " nonce=1 ref=1 port=1", REFUSED_MALFORMED },
	{ "xsock=1 " WISHES("1", "0", "0") " start=6000 grow=8192 nonce=1", REFUSED_MALFORMED },
	{ "xsock=1 " WISHES("1", "0", "0") " start=4096 grow=6000 nonce=1", REFUSED_MALFORMED },
	{ "xsock=1 " WISHES("1", "4294967295", "0") " nonce=1 ref=1 port=1", REFUSED_LIMIT },
	{ "xsock=1 " WISHES("1", "0", "4294967295") " nonce=1 ref=1 port=1", REFUSED_LIMIT },
	{ "xsock=1 " WISHES("1", "33554432", "0") " nonce=1 ref=1 port=1", REFUSED_LIMIT },
	{ "xsock=1 " WISHES("2", "0", "0") " nonce=1", REFUSED_ROLE },
	{ "xsock=1 role=1 direction=3 send=0 recv=0 nonce=1 ref=1 port=1", REFUSED_PAGES },
	{ "xsock=1 " WISHES("1", "0", "0") " nonce=1", REFUSED_PAGES },
	{ "xsock=1 " WISHES("1", "0", "0") " nonce=1 port=1", REFUSED_PAGES },
	{ "xsock=1 " WISHES("1", "0", "0") " nonce=1 ref=1073741822 port=1073741822",
	  REFUSED_PAGES },
};

#define WRONG (sizeof wrong / sizeof wrong[0])

/* Serves until B says that it is done with its tricks; nothing comes of them. */
static void serve(struct side *side, struct xsock *listener, const char *word)
{
	const char *path = peer_path(side, word);
	char value[8];

	while (side->ops->store_read(side->meeting, path, value, sizeof value) <= 0) {
		CHECK(xsock_accept(listener, 5) == NULL);
		CHECK(errno == ETIMEDOUT || errno == EOPNOTSUPP || errno == ECONNABORTED);
	}
}

static void serve_one(struct xsock *listener)
{
	struct xsock *socket = must_accept(listener);

	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

static void be_served(struct side *side, const struct xsock_options *options)
{
	struct xsock *socket = must_connect(side, options);

	meet_over(socket);
	CHECK_RESULT(xsock_close(socket), 0);
}

/* A's, until B said "done"; then it serves one honest client. */
static void withstand(struct side *side, enum xsock_role role, uint64_t refused)
{
	struct xsock_options options = { .role = role };
	struct xsock *listener = open_listener(side, &options);

	serve(side, listener, "done");
	CHECK_RESULT(info_of(listener).refused, refused);
	CHECK_RESULT(info_of(listener).accepted, 0);
	meet(side, "over");
	serve_one(listener);
	CHECK_RESULT(xsock_close(listener), 0);
}

/* B has to look alive to the listener. */
static struct xsock *be_present(struct side *side)
{
	struct xsock_options options = with_platform(side, NULL);
	struct xsock *presence = xsock_listen("presence", &options);

	CHECK(presence);
	await_listener(side);
	return presence;
}

/* A listener that was not yet told of a removal would take a second node of that name for the
 * first. */
static void new_path(struct side *side, char path[STORE_PATH_MAX])
{
	static unsigned count;
	char below[32];

	snprintf(below, sizeof below, "/any/%016x", ++count);
	by_hand_path(side, side->peer, below, path);
}

static enum refusal try_by_hand(struct side *side, const char *text)
{
	char path[STORE_PATH_MAX];
	struct message answer;

	new_path(side, path);
	by_hand_request(side, path, text);
	answer = by_hand_answer(side, path, text);
	CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
	return (enum refusal)answer.value[KEY_ERROR];
}

static void request_wrongly(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *presence = be_present(side);
	char text[STORE_VALUE_MAX + 1];

	for (size_t at = 0; at < WRONG; at++)
		CHECK_RESULT(try_by_hand(side, wrong[at].text), wrong[at].answer);
	memset(text, 'x', STORE_VALUE_MAX);
	text[STORE_VALUE_MAX] = '\0';
	CHECK_RESULT(try_by_hand(side, text), REFUSED_MALFORMED);
	say(side, "done", "%s", "yes");
	meet(side, "over");
	be_served(side, &options);
	CHECK_RESULT(xsock_close(presence), 0);
}

void hostile_requests_in_order(struct side *side)
{
	if (side->letter == 'a')
		withstand(side, XSOCK_ROLE_MAP, WRONG + 1);
	else
		request_wrongly(side);
}

/* -- pages that are not what was said --------------------------------------------------------- */

static void offer_wrongly(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *presence = be_present(side);

	for (int lie = 0; lie < PAGE_LIES; lie++) {
		struct offer offer;
		char text[MESSAGE_SIZE];

		by_hand_offer(side, (enum page_lie)lie, 1, &offer);
		snprintf(text, sizeof text,
			 "xsock=1 " WISHES("1", "4096", "4096") " nonce=1 ref=%u port=%u",
			 offer.reference, offer.port);
		CHECK_RESULT(try_by_hand(side, text), REFUSED_PAGES);
		by_hand_take_back(side, &offer);
	}
	say(side, "done", "%s", "yes");
	meet(side, "over");
	be_served(side, &options);
	CHECK_RESULT(xsock_close(presence), 0);
}

void hostile_offers(struct side *side)
{
	if (side->letter == 'a')
		withstand(side, XSOCK_ROLE_MAP, PAGE_LIES);
	else
		offer_wrongly(side);
}

/* -- who takes pages and says nonsense, or nothing -------------------------------------------- */

static void map_and_say(struct side *side, const struct message *answer, uint64_t hello)
{
	struct control_page *control;
	struct channel *channel;
	void *address;

	CHECK_RESULT(side->ops->channel_bind(side->platform, side->peer,
					     (uint32_t)answer->value[KEY_PORT], &channel),
		     0);
	CHECK_RESULT(side->ops->map_control(
			     side->platform, side->peer, (uint32_t)answer->value[KEY_REF],
			     offsetof(struct control_page, mapper.alive), channel, &address),
		     0);
	control = address;
	__atomic_store_n(&control->mapper.hello, hello, __ATOMIC_RELEASE);
	CHECK_RESULT(side->ops->channel_notify(channel), 0);
	/* The listener gives back what it granted, and closes its end. */
	AWAIT((side->ops->channel_drain(channel), side->ops->channel_lost(channel)) ||
	      !__atomic_load_n(&control->granter.alive, __ATOMIC_ACQUIRE));
	side->ops->unmap(side->platform, address, 1);
	side->ops->channel_close(channel);
}

static void take_wrongly(struct side *side)
{
	static const char text[] = "xsock=1 " WISHES("2", "4096", "4096") " nonce=5";
	struct xsock_options options = { .role = XSOCK_ROLE_MAP };
	struct xsock *presence = be_present(side);
	char path[STORE_PATH_MAX];
	struct message answer;

	new_path(side, path);
	by_hand_request(side, path, text);
	answer = by_hand_answer(side, path, text);
	CHECK_RESULT(answer.value[KEY_ERROR], REFUSED_NONE);
	map_and_say(side, &answer, 6);
	CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
	/* It asks, gets its answer and goes away. */
	CHECK_RESULT(try_by_hand(side, text), REFUSED_NONE);
	say(side, "done", "%s", "yes");
	meet(side, "over");
	be_served(side, &options);
	CHECK_RESULT(xsock_close(presence), 0);
}

static void serve_takers(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *listener = open_listener(side, &options);

	serve(side, listener, "done");
	/* The removal of the second's node may be heard after the word. */
	AWAIT((ready_now(listener, 0), info_of(listener).refused == 2));
	meet(side, "over");
	serve_one(listener);
	CHECK_RESULT(xsock_close(listener), 0);
}

void hostile_takers(struct side *side)
{
	(side->letter == 'a' ? serve_takers : take_wrongly)(side);
}

/* -- the place for requests ------------------------------------------------------------------- */

/* Whoever may write requests may remove the place for them, and leave things there that are none.
 */
static void spoil_the_place(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_GRANT };
	struct xsock *presence = be_present(side);
	struct store_permissions permissions;
	char path[STORE_PATH_MAX];

	by_hand_path(side, side->peer, "/any", path);
	CHECK_RESULT(side->ops->store_remove(side->store, path), 0);
	AWAIT(side->ops->store_get_permissions(side->store, path, &permissions) == 0 &&
	      permissions.others == ACCESS_BOTH);
	be_served(side, &options);
	by_hand_path(side, side->peer, ID, path);
	by_hand_request(side, path, "");
	by_hand_path(side, side->peer, ID "/below", path);
	CHECK_RESULT(side->ops->store_write(side->store, path, "xsock=1"), 0);
	be_served(side, &options);
	CHECK_RESULT(xsock_close(presence), 0);
}

static void serve_in_a_spoilt_place(struct side *side)
{
	struct xsock_options options = { .role = XSOCK_ROLE_MAP };
	struct xsock *listener = open_listener(side, &options);

	serve_one(listener);
	serve_one(listener);
	CHECK_RESULT(xsock_close(listener), 0);
}

void hostile_place(struct side *side)
{
	(side->letter == 'a' ? serve_in_a_spoilt_place : spoil_the_place)(side);
}
